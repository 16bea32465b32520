using Cyborg.Agent.Providers;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Agent.Tests;

/// <summary>The agent and Placement, over HTTP, with a conductor that says what is wanted. The clock stands still: each wait is moved on by the test.</summary>
public sealed class ProviderTests : IAsyncDisposable
{
    private const string HostName = "compute1";
    private const int Synced = 3080, NotSynced = 3081, Recovered = 3082;

    private readonly Stage _stage = new();
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
    private readonly WireMockPlacement _placement = WireMockPlacement.Start();
    private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));
    private volatile HostProviders _wanted = new(1, 0, false, [Provider("d", 4)]);

    public ProviderTests()
    {
        _keystone.AddService("placement", _placement.Url);
        _placement.State.AddHost(HostName);
        _stage.OnProviders = _ => _wanted;
        _stage.OnHeartbeat = _ => new HeartbeatReply(_wanted.Epoch, false, []) { Providers = _wanted.Version };
        _stage.OnReport = _ => new InventoryReply([], _wanted.Epoch) { Providers = _wanted.Version };
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        await _placement.DisposeAsync();
        await _keystone.DisposeAsync();
    }

    [Fact]
    public async Task Providers_appear_after_the_first_report_and_heartbeats_bring_changes()
    {
        await StartAsync();
        Assert.True((await _stage.ReportAsync()).ManagesProviders);
        await _stage.Logs.LineAsync(Synced);
        Assert.Equal((4, 0), Amounts("d"));
        Want(Provider("d", 4) with { State = DeviceState.Inactive }, Provider("e", 1));
        await BeatAsync();
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((4, 4), Amounts("d"));
        Assert.Equal((1, 0), Amounts("e"));
    }

    [Fact]
    public async Task Without_a_section_placement_nothing_is_managed()
    {
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(_driver);
        Assert.False((await _stage.ReportAsync()).ManagesProviders);
        await agent.FirstReport.Soon();
        var fault = await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(1)));
        Assert.Equal(FaultCode.NoResponder, fault.Code);
        Assert.Empty(_placement.State.Journal);
    }

    [Fact]
    public async Task Placement_and_keystone_may_be_away_at_start_and_cost_one_line_for_each_reason()
    {
        _placement.Stop();
        _keystone.Stop();
        var agent = await StartAsync();
        await agent.FirstReport.Soon();
        await _stage.Logs.LineAsync(NotSynced);
        await RetryAsync(0.5, 1);
        await RetryAsync(1, 2);
        _keystone.StartAgain();
        await RetryAsync(2, 4);
        await _stage.Time.TimerAsync(4, 8).Soon();
        var lines = _stage.Logs.Of(NotSynced).Where(line => !line.Contains("lease", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Equal(2, lines.Distinct().Count());
        _placement.StartAgain();
        _stage.Time.Advance(8);
        await _stage.Logs.LineAsync(Recovered);
        Assert.Equal((4, 0), Amounts("d"));
    }

    [Fact]
    public async Task Placement_may_be_away_later_while_reports_and_heartbeats_go_on()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        await _stage.HeartbeatAsync();
        var lines = _stage.Logs.Of(NotSynced).Count();
        _placement.Answer = (_, _) => 503;
        Want(Provider("d", 2));
        await BeatAsync();
        Assert.Contains("503", await _stage.Logs.LineAsync(NotSynced, lines + 1), StringComparison.Ordinal);
        await BeatAsync();
        _placement.Answer = (_, _) => null;
        Assert.Null((await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version))).Error);
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((2, 0), Amounts("d"));
    }

    [Fact]
    public async Task A_host_that_has_no_provider_of_its_own_yet_is_waited_for()
    {
        _placement.State.Remove(_placement.State.Named(HostName)!.Uuid);
        await StartAsync();
        await _stage.Logs.LineAsync(NotSynced);
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        Assert.Contains(_stage.Logs.Of(NotSynced), line => line.Contains($"no resource provider '{HostName}'", StringComparison.Ordinal));
        _placement.State.AddHost(HostName);
        _stage.Time.Advance(1);
        await _stage.Logs.LineAsync(Recovered);
        Assert.Equal((4, 0), Amounts("d"));
    }

    [Fact]
    public async Task An_agent_that_has_lost_its_lease_offers_less_and_never_more()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        Want(Provider("d", 8), Provider("new", 1));
        await _stage.Time.TimerAsync(360, 400).Soon();
        _stage.OnHeartbeat = _ => throw new FaultException(FaultCode.Unavailable, "away");
        _stage.Time.Advance(1200);
        // Nobody has answered, and the next heartbeat is waited for.
        await _stage.Time.TimerAsync(100, 120).Soon();
        var held = await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version));
        Assert.Contains("lease", held.Error, StringComparison.Ordinal);
        Assert.Equal((4, 0), Amounts("d"));
        Assert.Null(_placement.State.Named("new"));
        Want(Provider("d", 8) with { State = DeviceState.Inactive });
        await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version));
        Assert.Equal((4, 4), Amounts("d"));

        Want(Provider("d", 8));
        _stage.OnHeartbeat = _ => new HeartbeatReply(0, false, []) { Providers = _wanted.Version };
        _stage.Time.Advance(400);
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((8, 0), Amounts("d"));
    }

    [Fact]
    public async Task A_new_epoch_is_synced_for_after_its_report_and_everything_is_written()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        await _stage.HeartbeatAsync();
        var before = _placement.State.Named("d")!;
        // As the conductor does it: fenced until the report for the new epoch is in.
        _wanted = _wanted with { Version = 2, Epoch = 2, Fenced = true };
        _placement.State.Put(before with { Inventories = before.Inventories.SetItem("FPGA", new FakeInventory(4, 4, 4)) });
        _stage.OnReport = report =>
        {
            _wanted = _wanted with { Version = 3, Fenced = report.Epoch != 2 };
            return new InventoryReply([], 2) { Providers = 3 };
        };
        await BeatAsync();
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((4, 0), Amounts("d"));

        // The same once more, but nobody has fenced in Placement yet: still the generation rises.
        var generation = _placement.State.Named("d")!.Generation;
        _wanted = _wanted with { Version = 4, Epoch = 3 };
        _stage.OnReport = _ => new InventoryReply([], 3) { Providers = 4 };
        await BeatAsync();
        await _stage.Logs.LineAsync(Synced, 3);
        Assert.Equal(generation + 1, _placement.State.Named("d")!.Generation);
    }

    [Fact]
    public async Task What_was_written_is_remembered_by_the_next_start()
    {
        var agent = await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        var shown = _placement.State.Named("d")!;
        _placement.State.Put(shown with { Traits = shown.Traits.Add("CUSTOM_SITE") });
        await agent.DisposeAsync();

        _placement.State.ClearJournal();
        Want(Provider("d", 4, "CUSTOM_B"));
        agent = await StartAsync(conductor: false);
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal(["CUSTOM_B", "CUSTOM_SITE", "OWNER_CYBORG"], _placement.State.Named("d")!.Traits);
        Assert.DoesNotContain(_placement.State.Writes, line => line.Contains("/inventories", StringComparison.Ordinal));
        await agent.DisposeAsync();

        Want();
        await StartAsync(conductor: false);
        await _stage.Logs.LineAsync(Synced, 3);
        Assert.Null(_placement.State.Named("d"));
    }

    [Fact]
    public async Task A_torn_memory_is_set_aside_and_the_providers_are_found_all_the_same()
    {
        var agent = await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        await agent.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_stage.Folder, "agent", "providers.json"), "{", TestContext.Current.CancellationToken);
        Want(Provider("d", 3));
        await StartAsync(conductor: false);
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Single(_stage.Logs.Of(3060));
        Assert.Equal((3, 0), Amounts("d"));
    }

    [Fact]
    public async Task A_conductor_that_asks_is_answered_when_placement_shows_it()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        Want(Provider("d", 4) with { State = DeviceState.Inactive });
        Assert.Null((await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version))).Error);
        Assert.Equal((4, 4), Amounts("d"));
    }

    [Fact]
    public async Task A_conductor_that_asks_is_told_why_not_at_once()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        _placement.Stop();
        Want(Provider("d", 4) with { State = DeviceState.Inactive });
        Assert.NotNull((await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version))).Error);
        _placement.StartAgain();
        Assert.Contains(
            "version 2", (await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version + 1))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conductor_that_asks_does_not_wait_for_a_placement_that_does_not_answer()
    {
        await StartAsync(timeout: TimeSpan.FromSeconds(31));
        await _stage.Logs.LineAsync(Synced);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _placement.Trouble = (_, _) =>
        {
            called.TrySetResult();
            return PlacementTrouble.Silent;
        };
        Want(Provider("d", 4) with { State = DeviceState.Inactive });
        var asked = _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version));
        await called.Task.Soon();
        await _stage.Time.TimerAsync(4.4, 4.6).Soon();
        _stage.Time.Advance(4.5);
        Assert.Contains("not up to date yet", (await asked).Error, StringComparison.Ordinal);
        Assert.Equal((4, 0), Amounts("d"));
        _placement.Trouble = (_, _) => PlacementTrouble.None;
        await _stage.Time.TimerAsync(31, 31).Soon();
        _stage.Time.Advance(31);
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        _stage.Time.Advance(1);
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((4, 4), Amounts("d"));
    }

    [Fact]
    public async Task The_conductor_is_told_what_is_gone_and_what_was_adopted()
    {
        var gone = Provider("gone", 1) with { Missing = true };
        var adopted = Provider("d", 4);
        var there = new FakeProvider(Guid.NewGuid(), "d", _placement.State.Named(HostName)!.Uuid, 0);
        _placement.State.Put(there);
        _wanted = _wanted with { Providers = [adopted, gone] };
        await StartAsync();
        var report = await _stage.ProviderReportAsync();
        Assert.Equal([gone.DeployableUuid], report.Gone);
        Assert.Equal([new AdoptedProvider(adopted.DeployableUuid, there.Uuid)], report.Adopted);
        Assert.Equal((await _stage.HeartbeatAsync()).Agent, report.Agent);
        Assert.Equal(there.Uuid, _placement.State.Named("d")!.Uuid);
    }

    [Fact]
    public async Task A_device_that_is_missing_and_allocated_is_told_once_and_tried_again_each_interval()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        var consumer = Guid.NewGuid();
        Assert.True(_placement.State.Allocate(consumer, _placement.State.Named("d")!.Uuid, "FPGA", 1));
        Want(Provider("d", 4) with { Missing = true });
        await _stage.CallAsync(Verbs.SyncProviders, new SyncProviders(_wanted.Version));
        Assert.Equal((4, 4), Amounts("d"));
        for (var i = 0; i < 2; i++)
        {
            var deletes = Deletes();
            await IntervalAsync();
            while (Deletes() == deletes)
                await Task.Yield();
        }
        await _stage.Time.TimerAsync(90, 100).Soon();
        Assert.Single(_stage.Logs.Of(3084));
        _placement.State.Free(consumer);
        await IntervalAsync();
        Assert.Single((await _stage.ProviderReportAsync()).Gone);
        Assert.Null(_placement.State.Named("d"));

        int Deletes() => _placement.State.Writes.Count(line => line.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_others_change_is_mended_within_an_interval_and_a_look_costs_one_call()
    {
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        await _stage.Time.TimerAsync(90, 100).Soon();
        _placement.State.ClearJournal();
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _placement.Handled = (_, _) =>
        {
            looked.TrySetResult();
            return Task.CompletedTask;
        };
        await IntervalAsync();
        await looked.Task.Soon();
        await _stage.Time.TimerAsync(90, 100).Soon();
        Assert.Contains("in_tree", Assert.Single(_placement.State.Journal), StringComparison.Ordinal);
        var shown = _placement.State.Named("d")!;
        _placement.State.Put(shown with { Inventories = shown.Inventories.SetItem("FPGA", new FakeInventory(99, 0, 99)) });
        await IntervalAsync();
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Equal((4, 0), Amounts("d"));
    }

    [Fact]
    public async Task A_deployable_without_a_class_is_told_once_and_the_others_are_shown()
    {
        _wanted = _wanted with { Providers = [Provider("d", 4), Provider("bad", 1) with { Attributes = [] }] };
        await StartAsync();
        await _stage.Logs.LineAsync(Synced);
        Want(Provider("d", 5), Provider("bad", 1) with { Attributes = [] });
        await BeatAsync();
        await _stage.Logs.LineAsync(Synced, 2);
        Assert.Contains("bad", Assert.Single(_stage.Logs.Of(3084)), StringComparison.Ordinal);
        Want(Provider("d", 5), Provider("bad", 1));
        await BeatAsync();
        await _stage.Logs.LineAsync(3085);
    }

    [Fact]
    public void The_section_placement_is_read_and_its_faults_are_told_with_all_others()
    {
        var options = Read($"[DEFAULT]\nhost = h1\n{_keystone.Section("placement")}\n[agent]\nplacement_sync_interval = 7\n").Providers;
        Assert.Equal((true, "h1", 7), (options.Managed, options.HostProvider, options.SyncInterval.TotalSeconds));
        Assert.Equal("h1.example.org", Read("[agent]\nresource_provider_name = h1.example.org\nresource_provider_startup_retries = 6").Providers.HostProvider);
        Assert.False(Read("").Providers.Managed);
        var fault = Assert.Throws<ConfigException>(() => Read("[placement]\nauth_url = nonsense\nauth_type = password\n[agent]\nenabled_drivers = nosuch"));
        Assert.True(fault.Faults.Count >= 3, fault.Message);
    }

    private static AgentOptions Read(string text) => AgentOptions.From(CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], AgentOptions.All));

    private (int Total, int Reserved) Amounts(string name) =>
        (_placement.State.Named(name)!.Inventories["FPGA"].Total, _placement.State.Named(name)!.Inventories["FPGA"].Reserved);

    private void Want(params WantedProvider[] providers) => _wanted = _wanted with { Version = _wanted.Version + 1, Providers = providers };

    private static WantedProvider Provider(string name, int accelerators, string trait = "CUSTOM_A") => new(
        ProviderIdentity.Uuid("deployable " + name), ProviderIdentity.Uuid(name), name, DeviceState.Ready, false, accelerators, 0,
        [new DriverAttribute("rc", "FPGA"), new DriverAttribute("trait0", trait)], null);

    private async Task<AgentRoom> StartAsync(bool conductor = true, TimeSpan? timeout = null)
    {
        if (conductor)
            await _stage.StartConductorAsync();
        var agent = _stage.Agent(_stage.Options() with { Providers = Options(timeout) }, _driver);
        await agent.StartAsync(TestContext.Current.CancellationToken);
        return agent;
    }

    private ProviderOptions Options(TimeSpan? timeout) => new()
    {
        HostProvider = HostName,
        SyncInterval = TimeSpan.FromSeconds(100),
        Placement = new KeystoneSessionOptions
        {
            AuthUrl = new Uri(_keystone.Url),
            Credential = new PasswordCredential
            {
                UserName = WireMockKeystone.User,
                UserDomainName = "Default",
                Password = _keystone.Password,
                ProjectName = "service",
                ProjectDomainName = "Default",
            },
            Retries = 0,
            StatusRetries = 0,
            FailurePause = TimeSpan.Zero,
            // A test that moves the clock while a call is on its way means something else.
            Timeout = timeout ?? TimeSpan.FromHours(1),
            // Of the machine's own clock.
            ConnectTimeout = TimeSpan.FromMinutes(1),
        },
    };

    /// <summary>Moves the clock to the next heartbeat, and waits until its answer is there.</summary>
    private async Task BeatAsync()
    {
        await _stage.Time.TimerAsync(360, 400).Soon();
        _stage.Time.Advance(400);
        await _stage.HeartbeatAsync();
    }

    private async Task RetryAsync(double from, double to)
    {
        await _stage.Time.TimerAsync(from, to).Soon();
        _stage.Time.Advance(to);
    }

    private async Task IntervalAsync()
    {
        await _stage.Time.TimerAsync(90, 100).Soon();
        _stage.Time.Advance(100);
    }
}
