using Cyborg.Drivers;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>What a conductor has an agent's backends do, and what the agent tells of them.</summary>
public sealed class BackendTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task An_accelerator_that_is_made_is_in_the_report_that_follows_at_once()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(Racks("rack", "shelf"));
        var first = await _stage.ReportAsync();
        Assert.Equal(["generic_driver/shelf/True", "generic_driver/rack/True"], first.Backends!.Select(backend => $"{backend.Driver}/{backend.Backend}/{backend.Creates}"));
        await agent.FirstReport.Soon();
        var (uuid, specs) = (Guid.NewGuid(), new AccSpecs(true, 2, "CRYPTO", """{"ipsec":{"n": 1}}"""));
        var make = new MakeAccelerator("generic_driver", "rack", uuid, "IPSec Card", specs);

        Assert.Equal(new BackendResult(null, false), await _stage.CallAsync(Verbs.MakeAccelerator, make));
        var report = await _stage.ReportAsync();
        var device = Assert.Single(Assert.Single(report.Drivers).Devices!);
        Assert.Equal((uuid, "IPSec Card"), (AcceleratorFacts.CreatedUuid(device)!.Value, AcceleratorFacts.WishedName(device)));
        Assert.Equal(specs, AcceleratorFacts.Specs(device));
        Assert.Equal([device.ControlPath], report.Backends!.Single(backend => backend.Backend == "rack").Devices);

        Assert.Null((await _stage.CallAsync(Verbs.MakeAccelerator, make)).Error);
        var changed = specs with { Num = 3 };
        Assert.Null((await _stage.CallAsync(Verbs.ChangeAccelerator, new ChangeAccelerator("generic_driver", uuid, device.ControlPath, changed))).Error);
        Assert.Null((await _stage.CallAsync(Verbs.ChangeAccelerator, new ChangeAccelerator("generic_driver", uuid, device.ControlPath, null))).Error);
        ReportInventory last;
        do
            last = await _stage.ReportAsync();
        while (Assert.Single(last.Drivers).Devices!.Count > 0);
    }

    [Fact]
    public async Task A_backend_that_refuses_says_why()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(Racks("rack"), new ScriptedDriver("one", ScriptedDriver.Device("01")));
        await agent.FirstReport.Soon();
        Assert.Contains((await _stage.ReportAsync()).Backends!, backend => backend is { Driver: "one", Backend: "one", Creates: false });
        var make = new MakeAccelerator("generic_driver", "attic", Guid.NewGuid(), "card", AccSpecs.Plain);
        var refused = await _stage.CallAsync(Verbs.MakeAccelerator, make);
        Assert.Contains("attic", refused.Error, StringComparison.Ordinal);
        Assert.False(refused.NotSupported);
        Assert.True((await _stage.CallAsync(Verbs.MakeAccelerator, make with { Driver = "one" })).NotSupported);
        Assert.True((await _stage.CallAsync(Verbs.ChangeAccelerator, new ChangeAccelerator("one", Guid.NewGuid(), ScriptedDriver.Path("01"), null))).NotSupported);
        Assert.Equal(
            FaultCode.NotSupportedByDriver, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.MakeAccelerator, make with { Driver = "two" }))).Code);
    }

    [Fact]
    public async Task A_command_that_comes_again_while_it_is_carried_out_joins_it()
    {
        var maker = new Maker();
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(maker);
        await agent.FirstReport.Soon();
        var make = new MakeAccelerator("maker", null, Guid.NewGuid(), "card", AccSpecs.Plain);
        var first = _stage.CallAsync(Verbs.MakeAccelerator, make);
        await maker.Begun.Task.Soon();
        var second = _stage.CallAsync(Verbs.MakeAccelerator, make);
        maker.Answer.SetResult(DriverCreation.Done(ScriptedDriver.Path("01")));
        Assert.Null((await first).Error);
        Assert.Null((await second).Error);
        Assert.InRange(maker.Calls, 1, 2);
        maker.Answer = new TaskCompletionSource<DriverCreation>();
        maker.Answer.SetException(new InvalidOperationException("a secret of the driver"));
        Assert.Equal("maker broke; the agent's log says how.", (await _stage.CallAsync(Verbs.MakeAccelerator, make with { Uuid = Guid.NewGuid() })).Error);
        maker.Answer = new TaskCompletionSource<DriverCreation>();
        maker.Answer.SetException(new DriverException("told"));
        Assert.Equal("told", (await _stage.CallAsync(Verbs.MakeAccelerator, make with { Uuid = Guid.NewGuid() })).Error);
    }

    [Fact]
    public void The_keys_of_a_spec_are_those_of_the_driver_contract()
    {
        Assert.Equal(AcceleratorAttributes.Name, AcceleratorFacts.NameKey);
        Assert.Equal(AcceleratorAttributes.Uuid, AcceleratorFacts.UuidKey);
        Assert.Equal(AcceleratorAttributes.Remote, AcceleratorFacts.RemoteKey);
        Assert.Equal(AcceleratorAttributes.DeviceType, AcceleratorFacts.DeviceTypeKey);
        Assert.Equal(AcceleratorAttributes.Capability, AcceleratorFacts.CapabilityKey);
        Assert.Equal((AcceleratorSpec.MaxNum, AcceleratorSpec.MaxDeviceType, AcceleratorSpec.MaxCapability), (AccSpecs.MaxNum, AccSpecs.MaxDeviceType, AccSpecs.MaxCapability));
    }

    /// <summary>The generic driver with static backends, the last of which is the default.</summary>
    private GenericDriver Racks(params string[] names) => new(new GenericDriverOptions
    {
        Backends = [.. names.Select(name => new StaticBackendOptions { Name = name, Host = Stage.Host, StateFolder = Path.Combine(_stage.Folder, "generic") })],
        DefaultBackend = names[^1],
    });

    private sealed class Maker : IProvisioningDriver
    {
        private int _calls;

        public string Name => "maker";
        public int Calls => _calls;
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource<DriverCreation> Answer { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => Task.FromResult(DriverFindings.None);

        public Task<DriverCreation> CreateAsync(string? backend, AcceleratorOrder order, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            Begun.TrySetResult();
            return Answer.Task;
        }

        public Task<DriverOutcome> UpdateAsync(DriverControlPath device, AcceleratorSpec spec, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);

        public Task<DriverOutcome> DeleteAsync(DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);
    }
}
