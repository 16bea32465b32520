using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Hosting;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>Options of drivers that a running agent takes over.</summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task New_options_of_a_driver_show_in_the_next_report()
    {
        var agent = await StartAsync("[fake]\ndevices = 1");
        await ReloadAsync(agent, "[fake]\ndevices = 1", "[fake]\ndevices = 3");
        var report = await ReportOfAsync(3);
        Assert.All(report.Drivers[0].Devices!, device => Assert.StartsWith("node_1_example_org_FakeDevice", device.Deployables[0].Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drivers_are_put_in_and_taken_out()
    {
        var agent = await StartAsync("");
        await ReloadAsync(agent, "", "[agent]\nenabled_drivers = fake_driver, generic_driver");
        ReportInventory report;
        do
            report = await _stage.ReportAsync();
        while (report.Drivers.Count < 2);
        Assert.Equal([FakeDriver.EntryName, "generic_driver"], report.Drivers.Select(driver => driver.Driver));
        await ReloadAsync(agent, "[agent]\nenabled_drivers = fake_driver, generic_driver", "[agent]\nenabled_drivers = generic_driver");
        do
            report = await _stage.ReportAsync();
        while (report.Drivers.Count > 1);
        Assert.Equal("generic_driver", report.Drivers[0].Driver);
    }

    [Fact]
    public async Task A_driver_that_cannot_tell_after_a_reload_keeps_what_the_one_before_has_told()
    {
        var agent = await StartAsync("[fake]\ndevices = 2");
        await ReloadAsync(agent, "[fake]\ndevices = 2", "[fake]\ndevices = 2\nfail = discover");
        ReportInventory report;
        do
            report = await _stage.ReportAsync();
        while (report.Drivers[0].Devices is not null);
        await ReloadAsync(agent, "[fake]\ndevices = 2\nfail = discover", "[fake]\ndevices = 2");
        await ReportOfAsync(2);
    }

    [Fact]
    public async Task A_driver_that_is_at_work_is_left_alone()
    {
        var (began, done) = (new TaskCompletionSource(), new TaskCompletionSource<DriverOutcome>());
        var driver = new ScriptedDriver(FakeDriver.EntryName, ScriptedDriver.Device("01"))
        {
            OnAttach = (_, _) =>
            {
                began.SetResult();
                return done.Task;
            },
        };
        await _stage.StartConductorAsync();
        var agent = _stage.Agent(AgentOptions.From(Config("")), driver);
        await agent.StartAsync(Token);
        var device = Assert.Single((await agent.FirstReport.Soon())[0].Devices!);
        var handle = new DriverAttachHandle(AttachHandleType.PCI, "{}");
        var attaching = _stage.CallAsync(
            Verbs.AttachHandle,
            new HandleWork(Guid.NewGuid(), Guid.NewGuid(), 1, agent.BootId, FakeDriver.EntryName, device.Deployables[0].Name, device.ControlPath, handle));
        await began.Task.Soon();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ReloadAsync(agent, "", "[fake]\ndevices = 2"));
        Assert.Contains("fake_driver is at work", refused.Message, StringComparison.Ordinal);
        done.SetResult(DriverOutcome.Done);
        Assert.Null((await attaching).Error);
        await ReloadAsync(agent, "", "[fake]\ndevices = 2");
        await ReportOfAsync(2);
    }

    [Fact]
    public async Task Options_that_cannot_be_used_change_nothing()
    {
        var agent = await StartAsync("[fake]\ndevices = 1");
        var refused = await Assert.ThrowsAsync<ConfigException>(() => ReloadAsync(agent, "[fake]\ndevices = 1", "[fake]\ndevices = 2\nfail = nonsense"));
        Assert.Contains("nonsense", refused.Message, StringComparison.Ordinal);
        agent.Nudge();
        await ReportOfAsync(1);
    }

    [Theory]
    [InlineData("fake", "devices", true)]
    [InlineData("generic", "enabled_backends", true)]
    [InlineData("*", "passthrough_whitelist", true)]
    [InlineData("agent", "enabled_drivers", true)]
    [InlineData("agent", "image_path", false)]
    [InlineData("DEFAULT", "debug", false)]
    [InlineData("DEFAULT", "host", false)]
    public void Only_drivers_options_are_taken_over(string section, string name, bool expected) =>
        Assert.Equal(expected, AgentRoom.TakesOver(AgentOptions.All.First(option => option.Section == section && option.Name == name)));

    private async Task<AgentRoom> StartAsync(string text)
    {
        await _stage.StartConductorAsync();
        var options = AgentOptions.From(Config(text));
        var agent = _stage.Agent(options, [.. options.Catalog(TimeProvider.System).Create(options.EnabledDrivers)]);
        await agent.StartAsync(Token);
        await agent.FirstReport.Soon();
        await _stage.ReportAsync();
        return agent;
    }

    private Task ReloadAsync(AgentRoom agent, string before, string after)
    {
        // The file names another host by now, which counts from a restart on.
        var config = Config($"[DEFAULT]\nhost = another\n{after}", Stage.Host + "2");
        IReadOnlyList<Option> changed = [.. config.ChangedSince(Config(before)).Where(AgentRoom.TakesOver)];
        return agent.ReloadDriversAsync(config, changed, Token).Soon();
    }

    private async Task<ReportInventory> ReportOfAsync(int devices)
    {
        while (true)
        {
            var report = await _stage.ReportAsync();
            if (report.Drivers[0].Devices?.Count == devices)
                return report;
        }
    }

    private CyborgConfig Config(string text, string host = Stage.Host) => CyborgConfig.Parse(
        [new ConfigSource("base", $"[DEFAULT]\nhost = {Stage.Host.Replace(' ', '-')}\nstate_path = {_stage.Folder}\n"), new ConfigSource("cyborg.conf", text)], AgentOptions.All)
        .With(SharedOptions.HostOption, host);
}
