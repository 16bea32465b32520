using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>What an agent still knows after the bus was away, its drivers failed, or it was restarted.</summary>
public sealed class CacheTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    private string InventoryPath => Path.Combine(_stage.Folder, "agent", "inventory.json");

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task What_was_found_while_no_conductor_listened_is_reported_after_a_restart_though_the_driver_fails_now()
    {
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01"), ScriptedDriver.Device("02")));
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        await agent.DisposeAsync();

        var failing = new ScriptedDriver("one") { OnDiscover = _ => throw new DriverException("away") };
        await _stage.StartConductorAsync();
        agent = await _stage.StartAgentAsync(failing);
        var report = await _stage.ReportAsync();
        Assert.Equal(["d-01", "d-02"], report.Drivers[0].Devices!.Select(device => device.Deployables[0].Name));
        Assert.Equal(InventoryChecksum.Of(report.Drivers), report.Checksum);
        await agent.FirstReport.Soon();
        await agent.DisposeAsync();

        // A conductor has it now: a driver that still cannot tell has no news.
        agent = await _stage.StartAgentAsync(failing);
        Assert.Null((await _stage.ReportAsync()).Drivers[0].Devices);
    }

    [Fact]
    public async Task A_restarted_agent_knows_its_devices_and_its_checksum_before_it_has_looked()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")));
        var checksum = (await _stage.ReportAsync()).Checksum;
        await agent.FirstReport.Soon();
        await _stage.HeartbeatAsync();
        await agent.DisposeAsync();

        var hangs = new ScriptedDriver("one") { OnDiscover = stop => Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(_ => DriverFindings.None, stop) };
        await _stage.StartAgentAsync(hangs);
        Assert.Equal(checksum, (await _stage.HeartbeatAsync()).Checksum);
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.Null((await _stage.CallAsync(Verbs.InstallDevice, new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01")))).Error);
        var unknown = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("99"));
        Assert.Equal(FaultCode.DeviceNotFound, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.InstallDevice, unknown))).Code);
    }

    [Fact]
    public async Task Hours_without_a_bus_lose_nothing()
    {
        var devices = new List<DriverDevice> { ScriptedDriver.Device("01") };
        var driver = new ScriptedDriver("one") { OnDiscover = _ => Task.FromResult(new DriverFindings([.. devices], [])) };
        var conductor = await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(driver);
        await agent.FirstReport.Soon();
        await _stage.ReportAsync();
        await _stage.HeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        await conductor.DisposeAsync();
        devices.Add(ScriptedDriver.Device("02"));
        for (var beat = 0; beat < 100 || driver.Discoveries < 4; beat++)
        {
            _stage.Time.Advance(beat == 0 ? 400 : 120);
            await _stage.Time.TimerAsync(100, 120).Soon();
        }
        Assert.False(agent.LeaseConfirmed);
        Assert.Single(_stage.Logs.Of(3050));

        // As a conductor answers that has another checksum.
        _stage.OnHeartbeat = _ => new HeartbeatReply(0, true, []);
        await _stage.StartConductorAsync();
        _stage.Time.Advance(120);
        var report = await _stage.ReportAsync();
        Assert.Equal(["d-01", "d-02"], report.Drivers[0].Devices!.Select(device => device.Deployables[0].Name));
        await _stage.HeartbeatAsync();
        await _stage.Time.TimerAsync(360, 400).Soon();
        Assert.True(agent.LeaseConfirmed);
    }

    [Fact]
    public async Task A_torn_inventory_is_set_aside_and_made_anew()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")));
        await agent.FirstReport.Soon();
        await agent.DisposeAsync();
        await File.WriteAllTextAsync(InventoryPath, "torn", TestContext.Current.CancellationToken);
        agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")));
        await agent.FirstReport.Soon();
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(InventoryPath)!, "inventory.json.corrupt-*"));
        Assert.True(File.Exists(InventoryPath));
        Assert.Single(_stage.Logs.Of(3060));
    }

    [Fact]
    public async Task An_inventory_that_cannot_be_kept_is_reported_all_the_same()
    {
        Directory.CreateDirectory(InventoryPath + ".new");
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")));
        Assert.Single((await agent.FirstReport.Soon())[0].Devices!);
        Assert.NotEmpty(_stage.Logs.Of(3062));
    }

    [Fact]
    public async Task Drivers_that_are_no_longer_enabled_are_forgotten()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01")), new ScriptedDriver("two", ScriptedDriver.Device("02")));
        await agent.FirstReport.Soon();
        await agent.DisposeAsync();
        agent = await _stage.StartAgentAsync(new ScriptedDriver("two", ScriptedDriver.Device("02")));
        Assert.Equal(["two"], (await agent.FirstReport.Soon()).Select(driver => driver.Driver));
        await agent.DisposeAsync();
        Assert.DoesNotContain("\"one\"", await File.ReadAllTextAsync(InventoryPath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
