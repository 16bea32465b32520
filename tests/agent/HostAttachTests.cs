using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>Handles that are attached to the agent's own host: the journal's rules are those of any work on a handle.</summary>
public sealed class HostAttachTests : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private readonly HostDriver _driver = new();
    private AgentRoom _agent = null!;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task It_is_done_once_and_undone_once_and_told_from_the_journal_after_a_restart()
    {
        await StartAsync();
        var work = Work(1);
        Assert.Equal(new HandleWorkResult(null), await _stage.CallAsync(Verbs.AttachToHost, work));
        await StartAsync();
        work = work with { BootId = _agent.BootId };
        Assert.Equal(new HandleWorkResult(null), await _stage.CallAsync(Verbs.AttachToHost, work));
        // To attach it for a guest is other work.
        Assert.Equal(FaultCode.InvalidInput, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.AttachHandle, work))).Code);
        work = work with { Generation = 2 };
        Assert.Equal(new HandleWorkResult(null), await _stage.CallAsync(Verbs.DetachFromHost, work));
        Assert.Equal(FaultCode.StaleCommand, (await Assert.ThrowsAsync<FaultException>(
            () => _stage.CallAsync(Verbs.AttachToHost, work with { Generation = 1 }))).Code);
        Assert.Equal([$"attach {work.ArqUuid}", $"detach {work.ArqUuid}"], _driver.Calls);
    }

    [Fact]
    public async Task What_a_driver_can_not_do_is_told_from_what_failed_and_a_failed_detach_is_tried_again()
    {
        await StartAsync();
        _driver.Outcomes.Enqueue(DriverOutcome.NotSupported("never"));
        Assert.Equal(new HandleWorkResult("never", NotSupported: true), await _stage.CallAsync(Verbs.AttachToHost, Work(1)));
        _driver.Outcomes.Enqueue(DriverOutcome.Failed("busy"));
        var work = Work(1);
        Assert.Equal(new HandleWorkResult("busy"), await _stage.CallAsync(Verbs.AttachToHost, work));
        Assert.Equal("busy", (await _stage.CallAsync(Verbs.AttachToHost, work)).Error);
        _driver.Outcomes.Enqueue(DriverOutcome.Failed("still busy"));
        work = work with { Generation = 2 };
        Assert.Equal("still busy", (await _stage.CallAsync(Verbs.DetachFromHost, work)).Error);
        // What it cannot undo it has not done.
        _driver.Outcomes.Enqueue(DriverOutcome.NotSupported("never"));
        Assert.Equal(new HandleWorkResult(null), await _stage.CallAsync(Verbs.DetachFromHost, work));
        Assert.Equal(4, _driver.Calls.Count);
    }

    private async Task StartAsync()
    {
        if (_agent is null)
            await _stage.StartConductorAsync();
        else
            await _agent.DisposeAsync();
        _agent = await _stage.StartAgentAsync(_driver);
        await _agent.FirstReport.Soon();
    }

    private HandleWork Work(long generation)
    {
        var handle = Guid.NewGuid();
        return new HandleWork(
            handle, Guid.NewGuid(), generation, _agent.BootId, "one", "d-01", ScriptedDriver.Path("01"),
            new DriverAttachHandle(AttachHandleType.PCI, $$"""{"handle": "{{handle}}"}""", HostWork: false));
    }

    private sealed class HostDriver : IHostAttachDriver
    {
        private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));

        public List<string> Calls { get; } = [];

        public Queue<DriverOutcome> Outcomes { get; } = new();

        public string Name => _driver.Name;

        public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => _driver.DiscoverAsync(cancellationToken);

        public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
            Note($"attach {use.Arq}");

        public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
            Note($"detach {use.Arq}");

        private Task<DriverOutcome> Note(string call)
        {
            Calls.Add(call);
            return Task.FromResult(Outcomes.TryDequeue(out var outcome) ? outcome : DriverOutcome.Done);
        }
    }
}
