using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Hosting;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

public sealed class ReportTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task The_first_report_comes_at_start_with_what_every_driver_found()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(
            new ScriptedDriver("one", ScriptedDriver.Device("01")), new ScriptedDriver("two", ScriptedDriver.Device("02"), ScriptedDriver.Device("03")));
        var (report, call) = await _stage.ReportCallAsync();
        Assert.Equal(Stage.Host, call.Host);
        Assert.StartsWith("req-", call.RequestId, StringComparison.Ordinal);
        Assert.Equal(agent.BootId, report.Agent.BootId);
        Assert.Equal((1, 0, InventoryChecksum.Of(report.Drivers)), (report.Agent.BootNumber, report.Epoch, report.Checksum));
        Assert.True(report.InitiallyReady);
        Assert.Equal(["one", "two"], report.Drivers.Select(driver => driver.Driver));
        Assert.Equal([1, 2], report.Drivers.Select(driver => driver.Devices!.Count));
        Assert.Equal(3, (await agent.FirstReport.Soon()).Sum(driver => driver.Devices!.Count));
        await _stage.Time.TimerAsync(900, 1000).Soon();
        Assert.Single(_stage.Logs.Of(3010));
    }

    [Fact]
    public async Task An_agent_built_from_a_file_reports_the_fake_device()
    {
        await _stage.StartConductorAsync();
        var config = CyborgConfig.Parse(
            [new ConfigSource("cyborg.conf", $"[DEFAULT]\nhost = compute1\nstate_path = {_stage.Folder}\n[agent]\nenabled_drivers = fake_driver, generic_driver\n")], AgentOptions.All);
        await using var agent = AgentRoom.Build(config, _stage.Connect(), _stage.Logs, TimeProvider.System);
        await agent.StartAsync(Token);
        var found = await agent.FirstReport.Soon();
        Assert.Equal([FakeDriver.EntryName, "generic_driver"], found.Select(driver => driver.Driver));
        Assert.Equal("compute1_FakeDevice", Assert.Single(found[0].Devices!).Deployables[0].Name);
        Assert.Empty(found[1].Devices!);
        Assert.False((await _stage.ReportAsync()).InitiallyReady);
    }

    [Fact]
    public async Task A_driver_that_fails_is_reported_as_unknown_and_the_others_stay()
    {
        await _stage.StartConductorAsync();
        var told = new ScriptedDriver("told") { OnDiscover = _ => throw new DriverException("no bus") };
        var broken = new ScriptedDriver("broken") { OnDiscover = _ => Task.FromException<DriverFindings>(new InvalidOperationException("bug")) };
        var agent = await _stage.StartAgentAsync(told, broken, new ScriptedDriver("good", ScriptedDriver.Device("01")));
        var report = await _stage.ReportAsync();
        Assert.Null(report.Drivers[0].Devices);
        Assert.Null(report.Drivers[1].Devices);
        Assert.Single(report.Drivers[2].Devices!);
        agent.Nudge();
        await _stage.ReportAsync();
        Assert.Contains("no bus", Assert.Single(_stage.Logs.Of(3002)), StringComparison.Ordinal);
        Assert.Single(_stage.Logs.Of(3003));
    }

    [Fact]
    public async Task A_driver_that_hangs_is_given_up_and_not_started_twice_and_comes_back()
    {
        await _stage.StartConductorAsync();
        var release = new TaskCompletionSource<DriverFindings>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hangs = new ScriptedDriver("hangs");
        hangs.OnDiscover = stop =>
        {
            stop.Register(() => cancelled.TrySetResult());
            return release.Task;
        };
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var good = new ScriptedDriver("good")
        {
            OnDiscover = _ =>
            {
                looked.TrySetResult();
                return Task.FromResult(new DriverFindings([ScriptedDriver.Device("01")], []));
            },
        };
        var agent = await _stage.StartAgentAsync(hangs, good);
        // Only the one that hangs is waited for any more.
        await looked.Task.Soon();
        await _stage.Time.TimersAsync(30, 1).Soon();
        _stage.Time.Advance(31);
        var report = await _stage.ReportAsync();
        Assert.Null(report.Drivers[0].Devices);
        Assert.Single(report.Drivers[1].Devices!);
        await cancelled.Task.Soon();

        agent.Nudge();
        Assert.Null((await _stage.ReportAsync()).Drivers[0].Devices);
        Assert.Equal(1, hangs.Discoveries);

        release.SetResult(DriverFindings.None);
        hangs.OnDiscover = _ => Task.FromResult(new DriverFindings([ScriptedDriver.Device("09")], []));
        // Between the end of the hanging call and its being noticed there may be a cycle or two.
        do
            agent.Nudge();
        while ((await _stage.ReportAsync()).Drivers[0].Devices is null);
        Assert.Single(_stage.Logs.Of(3004));
    }

    [Fact]
    public async Task A_driver_that_blocks_its_thread_holds_up_nobody()
    {
        await _stage.StartConductorAsync();
        using var block = new ManualResetEventSlim();
        var blocks = new ScriptedDriver("blocks")
        {
            OnDiscover = stop =>
            {
                block.Wait(Token);
                return Task.FromResult(DriverFindings.None);
            },
        };
        await _stage.StartAgentAsync(blocks);
        await _stage.Time.TimerAsync(30, 30).Soon();
        _stage.Time.Advance(30);
        Assert.Null((await _stage.ReportAsync()).Drivers[0].Devices);
        block.Set();
    }

    [Fact]
    public async Task Without_a_conductor_the_report_is_repeated_with_growing_waits_until_one_appears()
    {
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01"));
        var agent = await _stage.StartAgentAsync(driver);
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        _stage.Time.Advance(1);
        await _stage.Time.TimerAsync(1, 2).Soon();
        _stage.Time.Advance(2);
        await _stage.Time.TimerAsync(2, 4).Soon();
        Assert.False(agent.FirstReport.IsCompleted);
        Assert.Single(_stage.Logs.Of(3011));
        await _stage.StartConductorAsync();
        _stage.Time.Advance(4);
        await _stage.ReportAsync();
        await agent.FirstReport.Soon();
        Assert.Equal(1, driver.Discoveries);
    }

    [Fact]
    public async Task A_report_that_is_refused_is_repeated_and_told_once_per_reason()
    {
        var faults = new Queue<FaultCode>([FaultCode.Unavailable, FaultCode.Unavailable, FaultCode.Conflict]);
        _stage.OnReport = _ => faults.TryDequeue(out var code) ? throw new FaultException(code, "not now") : new InventoryReply([], 0);
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one"));
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        _stage.Time.Advance(1);
        await _stage.Time.TimerAsync(1, 2).Soon();
        _stage.Time.Advance(2);
        await _stage.Time.TimerAsync(2, 4).Soon();
        _stage.Time.Advance(4);
        await agent.FirstReport.Soon();
        Assert.Equal(2, _stage.Logs.Of(3011).Count());
    }

    [Fact]
    public async Task A_nudge_ends_the_wait_for_a_conductor_and_looks_anew()
    {
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01"));
        var agent = await _stage.StartAgentAsync(driver);
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        await _stage.StartConductorAsync();
        agent.Nudge();
        await agent.FirstReport.Soon();
        Assert.Equal(2, driver.Discoveries);
    }

    [Fact]
    public async Task Reports_come_again_after_the_interval()
    {
        await _stage.StartConductorAsync();
        var found = new Queue<DriverDevice>([ScriptedDriver.Device("01"), ScriptedDriver.Device("02")]);
        await _stage.StartAgentAsync(new ScriptedDriver("one") { OnDiscover = _ => Task.FromResult(new DriverFindings([found.Dequeue()], [])) });
        Assert.Equal("d-01", (await _stage.ReportAsync()).Drivers[0].Devices![0].Deployables[0].Name);
        await _stage.Time.TimerAsync(900, 1000).Soon();
        _stage.Time.Advance(1000);
        Assert.Equal("d-02", (await _stage.ReportAsync()).Drivers[0].Devices![0].Deployables[0].Name);
    }

    [Fact]
    public async Task Problems_are_told_once_until_they_change()
    {
        await _stage.StartConductorAsync();
        var problem = new DiscoveryProblem("0000:84:00.0", "vendor is missing.");
        var driver = new ScriptedDriver("one") { OnDiscover = _ => Task.FromResult(new DriverFindings([], [problem])) };
        var agent = await _stage.StartAgentAsync(driver);
        await _stage.ReportAsync();
        agent.Nudge();
        await _stage.ReportAsync();
        Assert.Contains("0000:84:00.0: vendor is missing.", Assert.Single(_stage.Logs.Of(3005)), StringComparison.Ordinal);
        driver.OnDiscover = _ => Task.FromResult(DriverFindings.None);
        agent.Nudge();
        await _stage.ReportAsync();
        Assert.Single(_stage.Logs.Of(3006));
    }

    [Fact]
    public async Task Devices_that_break_a_rule_or_are_claimed_already_are_left_out()
    {
        await _stage.StartConductorAsync();
        var first = new ScriptedDriver("first", ScriptedDriver.Device("01"), ScriptedDriver.Device("01"), ScriptedDriver.Device("02", "d-01"));
        var second = new ScriptedDriver("second", ScriptedDriver.Device("01", "other"), ScriptedDriver.Device("03"), ScriptedDriver.Device("04", ""));
        var agent = await _stage.StartAgentAsync(first, second);
        var report = await _stage.ReportAsync();
        Assert.Equal("d-01", Assert.Single(report.Drivers[0].Devices!).Deployables[0].Name);
        Assert.Equal("d-03", Assert.Single(report.Drivers[1].Devices!).Deployables[0].Name);
        Assert.Equal(4, _stage.Logs.Of(3005).Count());

        first.OnDiscover = _ => throw new DriverException("away");
        agent.Nudge();
        report = await _stage.ReportAsync();
        Assert.Null(report.Drivers[0].Devices);
        Assert.Equal("d-03", Assert.Single(report.Drivers[1].Devices!).Deployables[0].Name);
    }

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(4, 1, 8)]
    [InlineData(7, 1, 60)]
    [InlineData(int.MaxValue, 0, 30)]
    public void Waits_after_refused_reports_grow_up_to_a_minute(int failures, double dice, double seconds) =>
        Assert.Equal(seconds, Discovery.ReportPace.Retry(failures, TimeSpan.FromHours(1), dice).TotalSeconds);

    [Fact]
    public void Waits_are_never_longer_than_the_interval()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), Discovery.ReportPace.Retry(9, TimeSpan.FromSeconds(5), 1));
        Assert.Equal(TimeSpan.FromSeconds(54), Discovery.ReportPace.Regular(TimeSpan.FromSeconds(60), 0));
        Assert.Equal(TimeSpan.FromSeconds(60), Discovery.ReportPace.Regular(TimeSpan.FromSeconds(60), 1));
    }
}
