using Cyborg.Agent.Leases;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

public sealed class HeartbeatTests : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Heartbeats_say_who_speaks_and_what_was_last_seen()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        var first = await _stage.HeartbeatAsync();
        var report = await _stage.ReportAsync();
        Assert.Equal(report.Agent, first.Agent);
        Assert.Equal((agent.BootId, 1), (first.Agent.BootId, first.Agent.BootNumber));
        Assert.Equal(0, first.SyncedEpoch);
        await agent.FirstReport.Soon();
        var next = await NextHeartbeatAsync();
        Assert.Equal((first.Agent, report.Checksum), (next.Agent, next.Checksum));
    }

    [Fact]
    public async Task A_look_that_shows_nothing_new_costs_no_report()
    {
        await _stage.StartConductorAsync();
        await _stage.StartAgentAsync(_driver);
        await _stage.ReportAsync();
        for (var look = 2; look <= 4; look++)
        {
            await _stage.Time.TimerAsync(900, 1000).Soon();
            _stage.Time.Advance(1000);
            await _stage.Time.TimerAsync(900, 1000).Soon();
            Assert.Equal(look, _driver.Discoveries);
        }
        Assert.Equal(0, _stage.ReportsWaiting);
    }

    [Fact]
    public async Task A_report_that_is_wanted_is_sent_at_once_without_another_look()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        var first = await _stage.ReportAsync();
        await agent.FirstReport.Soon();
        await _stage.HeartbeatAsync();
        _stage.OnHeartbeat = _ => new HeartbeatReply(0, true, []);
        await NextHeartbeatAsync();
        Assert.Equal(first.Checksum, (await _stage.ReportAsync()).Checksum);
        Assert.Equal(1, _driver.Discoveries);
    }

    [Fact]
    public async Task A_new_epoch_is_reported_for_at_once_and_the_next_start_knows_it()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        await _stage.ReportAsync();
        await agent.FirstReport.Soon();
        await _stage.HeartbeatAsync();
        _stage.OnHeartbeat = beat => new HeartbeatReply(3, false, []);
        _stage.OnReport = _ => new InventoryReply([], 3);
        Assert.Equal(0, (await NextHeartbeatAsync()).SyncedEpoch);
        Assert.Equal(3, (await _stage.ReportAsync()).Epoch);
        // The rest of the wait for the next look: the report is over.
        await _stage.Time.TimerAsync(490, 610).Soon();
        Assert.Equal(3, (await NextHeartbeatAsync()).SyncedEpoch);
        await agent.DisposeAsync();

        var next = await _stage.StartAgentAsync(_driver);
        var beat = await _stage.HeartbeatAsync();
        Assert.Equal((3, 2), (beat.SyncedEpoch, beat.Agent.BootNumber));
        Assert.Equal(3, (await _stage.ReportAsync()).Epoch);
        await next.FirstReport.Soon();
        Assert.Equal(0, _stage.ReportsWaiting);
    }

    [Fact]
    public async Task A_report_that_meets_a_newer_epoch_is_followed_by_one_for_it()
    {
        _stage.OnReport = _ => new InventoryReply([], 7);
        _stage.OnHeartbeat = _ => new HeartbeatReply(7, false, []);
        await _stage.StartConductorAsync();
        await _stage.StartAgentAsync(_driver);
        var epoch = (await _stage.ReportAsync()).Epoch;
        if (epoch == 0)
            epoch = (await _stage.ReportAsync()).Epoch;
        Assert.Equal(7, epoch);
        await _stage.Time.TimerAsync(900, 1000).Soon();
        Assert.Equal(0, _stage.ReportsWaiting);
    }

    [Fact]
    public async Task Devices_that_the_heartbeat_lists_are_installed()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        await agent.FirstReport.Soon();
        await _stage.HeartbeatAsync();
        var device = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        _stage.OnHeartbeat = _ => new HeartbeatReply(0, false, [device]);
        await NextHeartbeatAsync();
        Assert.Equal(new ReportInstall(device.DeviceUuid, null), await _stage.InstallReportAsync());
    }

    [Fact]
    public async Task While_another_agent_holds_the_name_no_command_is_served_and_one_line_is_logged()
    {
        var install = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        var held = new FaultException(FaultCode.Conflict, "host name node 1 is held by another live agent");
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        await agent.FirstReport.Soon();
        await _stage.HeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.True(agent.LeaseConfirmed);
        Assert.Null((await _stage.CallAsync(Verbs.InstallDevice, install)).Error);

        _stage.OnHeartbeat = _ => throw held;
        for (var i = 0; i < 3; i++)
        {
            await NextHeartbeatAsync();
            await _stage.Time.TimerAsync(360, 400).Soon();
            Assert.False(agent.LeaseConfirmed);
            Assert.Equal(FaultCode.NoResponder, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.InstallDevice, install))).Code);
        }
        Assert.Contains("held by another live agent", Assert.Single(_stage.Logs.Of(3053)), StringComparison.Ordinal);

        _stage.OnHeartbeat = _ => new HeartbeatReply(0, false, []);
        await NextHeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.True(agent.LeaseConfirmed);
        Assert.Null((await _stage.CallAsync(Verbs.InstallDevice, install)).Error);
        Assert.Single(_stage.Logs.Of(3052));
    }

    [Fact]
    public async Task An_agent_that_no_conductor_has_accepted_serves_nothing()
    {
        _stage.OnReport = _ => throw new FaultException(FaultCode.Conflict, "held");
        _stage.OnHeartbeat = _ => throw new FaultException(FaultCode.Conflict, "held");
        await _stage.StartConductorAsync();
        await _stage.StartAgentAsync(_driver);
        await _stage.HeartbeatAsync();
        await _stage.ReportAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        var install = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        Assert.Equal(FaultCode.NoResponder, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.InstallDevice, install))).Code);
    }

    [Fact]
    public async Task The_lease_ends_by_the_agents_own_clock_when_nobody_answers()
    {
        var conductor = await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        await _stage.HeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.True(agent.LeaseConfirmed);
        await conductor.DisposeAsync();
        _stage.Time.Advance(1199);
        Assert.True(agent.LeaseConfirmed);
        _stage.Time.Advance(1);
        Assert.False(agent.LeaseConfirmed);
        await _stage.Time.TimerAsync(100, 120).Soon();
        Assert.Single(_stage.Logs.Of(3050));
        await _stage.StartConductorAsync();
        _stage.Time.Advance(120);
        await _stage.HeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.True(agent.LeaseConfirmed);
    }

    [Fact]
    public void A_lease_counts_from_the_sending_of_its_heartbeat()
    {
        var lease = new HostLease(_stage.Time, TimeSpan.FromSeconds(10));
        Assert.False(lease.Confirmed);
        var sent = _stage.Time.GetTimestamp();
        _stage.Time.Advance(29);
        lease.Confirm(sent);
        Assert.True(lease.Confirmed);
        _stage.Time.Advance(1);
        Assert.False(lease.Confirmed);
        lease.Confirm(_stage.Time.GetTimestamp());
        lease.Lose();
        Assert.False(lease.Confirmed);
    }

    [Fact]
    public void Heartbeats_are_spread_and_come_sooner_when_nobody_answers()
    {
        var interval = TimeSpan.FromSeconds(10);
        Assert.Equal((9, 10), (HeartbeatPace.Wait(true, interval, 0).TotalSeconds, HeartbeatPace.Wait(true, interval, 1).TotalSeconds));
        Assert.Equal((2.5, 3), (HeartbeatPace.Wait(false, interval, 0).TotalSeconds, HeartbeatPace.Wait(false, interval, 1).TotalSeconds));
    }

    private async Task<Heartbeat> NextHeartbeatAsync()
    {
        await _stage.Time.TimerAsync(360, 400).Soon();
        _stage.Time.Advance(400);
        return await _stage.HeartbeatAsync();
    }
}
