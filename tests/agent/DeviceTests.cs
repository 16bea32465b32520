using Cyborg.Agent.Devices;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

public sealed class DeviceTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Devices_that_the_reply_lists_are_installed_and_reported()
    {
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01"), ScriptedDriver.Device("02"), ScriptedDriver.Device("03"))
        {
            OnInstall = (device, _) => device.CpidInfo switch
            {
                """{"bus": "01"}""" => Task.FromResult(DriverOutcome.Done),
                """{"bus": "02"}""" => Task.FromResult(DriverOutcome.Failed("no power")),
                _ => throw new InvalidOperationException("a secret of the driver"),
            },
        };
        var wanted = new[]
        {
            new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01")),
            new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("02")),
            new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("03")),
            new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("99")),
            new InstallDevice(Guid.NewGuid(), "gone", ScriptedDriver.Path("01")),
        };
        _stage.OnReport = _ => new InventoryReply(wanted, 0);
        await _stage.StartConductorAsync();
        await _stage.StartAgentAsync(driver);
        var reports = new Dictionary<Guid, string?>();
        foreach (var _ in wanted)
        {
            var report = await _stage.InstallReportAsync();
            reports.Add(report.DeviceUuid, report.Error);
        }
        Assert.Null(reports[wanted[0].DeviceUuid]);
        Assert.Equal("no power", reports[wanted[1].DeviceUuid]);
        Assert.Equal("one broke; the agent's log says how.", reports[wanted[2].DeviceUuid]);
        Assert.Contains("has no device", reports[wanted[3].DeviceUuid], StringComparison.Ordinal);
        Assert.Contains("not enabled", reports[wanted[4].DeviceUuid], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_install_that_takes_long_holds_up_no_report_and_is_not_started_again()
    {
        var device = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        var release = new TaskCompletionSource<DriverOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01")) { OnInstall = (_, _) => release.Task };
        _stage.OnReport = _ => new InventoryReply([device], 0);
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(driver);
        for (var i = 0; i < 3; i++)
        {
            await _stage.ReportAsync();
            if (i == 2)
                _stage.OnReport = _ => new InventoryReply([], 0);
            agent.Nudge();
        }
        // It comes when the answer to the one before has been taken in: nothing is listed any more.
        await _stage.ReportAsync();
        release.SetResult(DriverOutcome.Done);
        Assert.Equal(new ReportInstall(device.DeviceUuid, null), await _stage.InstallReportAsync());
        Assert.Equal(1, driver.Installs);
    }

    [Fact]
    public async Task A_conductor_can_have_a_device_installed()
    {
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01"));
        await StartAsync(driver);
        var request = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        Assert.Null((await _stage.CallAsync(Verbs.InstallDevice, request)).Error);
        driver.OnInstall = (_, _) => Task.FromResult(DriverOutcome.Failed("no power"));
        Assert.Equal("no power", (await _stage.CallAsync(Verbs.InstallDevice, request)).Error);
        driver.OnInstall = (_, _) => throw new DriverException("told");
        Assert.Equal("told", (await _stage.CallAsync(Verbs.InstallDevice, request)).Error);
    }

    [Fact]
    public async Task A_device_or_driver_that_is_not_here_is_a_fault()
    {
        await StartAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")));
        Assert.Equal(FaultCode.DeviceNotFound, await FaultAsync(Verbs.InstallDevice, new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("99"))));
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Verbs.InstallDevice, new InstallDevice(Guid.NewGuid(), "two", ScriptedDriver.Path("01"))));
    }

    [Fact]
    public async Task A_driver_that_never_told_its_devices_judges_for_itself()
    {
        await StartAsync(new ScriptedDriver("one") { OnDiscover = _ => throw new DriverException("not yet") });
        Assert.Null((await _stage.CallAsync(Verbs.InstallDevice, new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01")))).Error);
    }

    [Fact]
    public async Task Equal_work_on_one_device_is_done_once_and_other_work_waits_its_turn()
    {
        await using var work = new DeviceWork(_stage.Time, _stage.Logs);
        var device = ScriptedDriver.Path("01");
        var first = new TaskCompletionSource<DriverOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = new List<string>();
        Task<DriverOutcome> Do(string what, Task<DriverOutcome> outcome) => work.RunAsync("one", device, what, _ => { runs.Add(what); return outcome; }, Token);

        var installed = Do("install", first.Task);
        var joined = Do("install", first.Task);
        var programmed = Do("program", Task.FromResult(DriverOutcome.Failed("later")));
        var other = work.RunAsync("one", ScriptedDriver.Path("02"), "install", _ => Task.FromResult(DriverOutcome.Done), Token);
        Assert.Equal(DriverOutcome.Done, await other.Soon());
        Assert.False(installed.IsCompleted || joined.IsCompleted || programmed.IsCompleted);
        first.SetResult(DriverOutcome.Done);
        Assert.Equal(DriverOutcome.Done, await installed.Soon());
        Assert.Equal(DriverOutcome.Done, await joined.Soon());
        Assert.Equal(DriverOutcome.Failed("later"), await programmed.Soon());
        Assert.Equal(DriverOutcome.Done, await Do("install", first.Task).Soon());
        Assert.Equal(["install", "program", "install"], runs);
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_does_not_stop_the_work()
    {
        await using var work = new DeviceWork(_stage.Time, _stage.Logs);
        var release = new TaskCompletionSource<DriverOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<DriverOutcome> Do(CancellationToken wait) => work.RunAsync("one", ScriptedDriver.Path("01"), "install", stop =>
        {
            stop.Register(() => release.TrySetCanceled(stop));
            return release.Task;
        }, wait);
        var gone = Do(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        var joined = Do(Token);
        release.SetResult(DriverOutcome.Done);
        Assert.Equal(DriverOutcome.Done, await joined.Soon());
    }

    private async Task StartAsync(params IAcceleratorDriver[] drivers)
    {
        await _stage.StartConductorAsync();
        var agent = _stage.Agent(drivers);
        await agent.StartAsync(Token);
        await agent.FirstReport.Soon();
    }

    private async Task<FaultCode> FaultAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request) =>
        (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(verb, request))).Code;
}
