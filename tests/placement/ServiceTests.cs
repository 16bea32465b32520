using Cyborg.Identity.Session;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Placement.Tests;

/// <summary>Over HTTP, with a Keystone: every way in which the services can fail.</summary>
public sealed class ServiceTests : IAsyncDisposable
{
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
    private readonly WireMockPlacement _placement = WireMockPlacement.Start();
    private readonly List<WantedDeployable> _wanted = [Bench.Deployable("d", 4, ("rc", "CUSTOM_QAT"), ("trait0", "CUSTOM_A"))];
    private KeystoneSession? _session;
    private ProviderLedger _ledger = ProviderLedger.Empty;

    public ServiceTests()
    {
        _keystone.AddService("placement", _placement.Url);
        _placement.State.AddHost(Bench.HostName);
    }

    public async ValueTask DisposeAsync()
    {
        _session?.Dispose();
        await _placement.DisposeAsync();
        await _keystone.DisposeAsync();
    }

    [Fact]
    public async Task A_whole_sync_and_a_fence()
    {
        var sync = Sync();
        await sync.RunAsync(_ => false, Bench.Token);
        Assert.Equal(0, Shown().Reserved);
        Assert.False(await sync.HasDriftedAsync(Bench.Token));
        var outcome = await new ProviderFence(new PlacementClient(_session!)).ReserveAsync([_wanted[0].Provider], _ => Task.FromResult(true), Bench.Token);
        Assert.Equal(FenceEnd.Shown, outcome.End);
        Assert.Equal(4, Shown().Reserved);
        Assert.True(await sync.HasDriftedAsync(Bench.Token));
        Assert.Equal(1, _keystone.LoginCount);
    }

    [Fact]
    public async Task A_token_that_is_over_is_replaced_by_one_new_log_in()
    {
        var sync = Sync();
        await sync.RunAsync(_ => false, Bench.Token);
        var refused = 0;
        _placement.Answer = (_, _) => Interlocked.Increment(ref refused) == 1 ? 401 : null;
        _wanted[0] = _wanted[0] with { NumAccelerators = 5 };
        await sync.RunAsync(_ => false, Bench.Token);
        Assert.Equal((2, 5), (_keystone.LoginCount, Shown().Total));
    }

    [Theory]
    [InlineData(401, PlacementFailure.Refused)]
    [InlineData(403, PlacementFailure.Refused)]
    [InlineData(406, PlacementFailure.Refused)]
    [InlineData(429, PlacementFailure.Away)]
    [InlineData(500, PlacementFailure.Away)]
    [InlineData(502, PlacementFailure.Away)]
    [InlineData(503, PlacementFailure.Away)]
    [InlineData(504, PlacementFailure.Away)]
    [InlineData(302, PlacementFailure.Away)]
    public async Task A_status_that_says_nothing_about_the_request_ends_the_sync_and_the_next_one_works(int status, PlacementFailure failure)
    {
        var sync = Sync();
        foreach (var method in new[] { "GET", "POST", "PUT" })
        {
            _placement.Answer = (asked, _) => asked == method ? status : null;
            Assert.Equal(failure, (await Assert.ThrowsAsync<PlacementException>(() => sync.RunAsync(_ => false, Bench.Token))).Failure);
            _placement.State.Remove(_wanted[0].Provider);
        }
        _placement.Answer = (_, _) => null;
        await sync.RunAsync(_ => false, Bench.Token);
        Assert.Equal(4, Shown().Total);
    }

    [Fact]
    public async Task A_placement_that_is_too_old_is_named_as_that()
    {
        _placement.State.MaxMicroversion = 36;
        var fault = await Assert.ThrowsAsync<PlacementException>(() => Sync().RunAsync(_ => false, Bench.Token));
        Assert.Equal(PlacementFailure.Refused, fault.Failure);
        Assert.Contains("1.37", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", PlacementTrouble.Closes)]
    [InlineData("POST", PlacementTrouble.LosesAnswer)]
    [InlineData("POST", PlacementTrouble.Silent)]
    [InlineData("PUT", PlacementTrouble.Closes)]
    [InlineData("PUT", PlacementTrouble.LosesAnswer)]
    [InlineData("PUT", PlacementTrouble.Silent)]
    [InlineData("GET", PlacementTrouble.Closes)]
    [InlineData("GET", PlacementTrouble.Silent)]
    public async Task No_answer_ends_the_sync_and_the_next_one_takes_up_what_was_done(string method, PlacementTrouble trouble)
    {
        var sync = Sync(timeout: TimeSpan.FromSeconds(trouble == PlacementTrouble.Silent ? 0.5 : 60));
        _placement.Trouble = (asked, path) => asked == method && !path.StartsWith("/traits", StringComparison.Ordinal) ? trouble : PlacementTrouble.None;
        Assert.Equal(PlacementFailure.Away, (await Assert.ThrowsAsync<PlacementException>(() => sync.RunAsync(_ => false, Bench.Token))).Failure);
        _placement.Trouble = (_, _) => PlacementTrouble.None;
        await Sync().RunAsync(_ => false, Bench.Token);
        Assert.Equal((4, 0), (Shown().Total, Shown().Reserved));
        Assert.Equal(["CUSTOM_A", "OWNER_CYBORG"], _placement.State.Named("d")!.Traits);
    }

    [Theory]
    [InlineData("/traits")]
    [InlineData("/inventories")]
    public async Task An_answer_that_is_lost_and_asked_for_again_ends_in_what_is_wanted(string what)
    {
        var lost = 0;
        _placement.Trouble = (method, path) =>
            method == "PUT" && path.EndsWith(what, StringComparison.Ordinal) && Interlocked.Increment(ref lost) == 1
                ? PlacementTrouble.LosesAnswer : PlacementTrouble.None;
        var result = await Sync(retries: 2).RunAsync(_ => false, Bench.Token);
        Assert.False(result.Contested);
        Assert.Equal(4, Shown().Total);
    }

    [Fact]
    public async Task Placement_and_keystone_that_are_not_there_come_back()
    {
        _keystone.Stop();
        _placement.Stop();
        var sync = Sync();
        Assert.Equal(PlacementFailure.Away, (await Assert.ThrowsAsync<PlacementException>(() => sync.RunAsync(_ => false, Bench.Token))).Failure);
        _keystone.StartAgain();
        Assert.Equal(PlacementFailure.Away, (await Assert.ThrowsAsync<PlacementException>(() => sync.RunAsync(_ => false, Bench.Token))).Failure);
        _placement.StartAgain();
        await sync.RunAsync(_ => false, Bench.Token);
        Assert.Equal(4, Shown().Total);
    }

    [Fact]
    public async Task A_wrong_password_and_a_catalog_without_placement_are_refusals()
    {
        Assert.Equal(
            PlacementFailure.Refused, (await Assert.ThrowsAsync<PlacementException>(() => Sync(password: "wrong").RunAsync(_ => false, Bench.Token))).Failure);
        await using var other = WireMockKeystone.Start();
        using var session = new KeystoneSession(Options(other, other.Password, 0, TimeSpan.FromSeconds(60)), NullLoggerFactory.Instance, TimeProvider.System);
        var outcome = await new ProviderFence(new PlacementClient(session)).ReserveAsync([Guid.NewGuid()], _ => Task.FromResult(true), Bench.Token);
        Assert.Equal(FenceEnd.Failed, outcome.End);
        Assert.Contains("catalog", outcome.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Password, outcome.Reason, StringComparison.Ordinal);
    }

    private FakeInventory Shown() => _placement.State.Named("d")!.Inventories["CUSTOM_QAT"];

    private ProviderSync Sync(string? password = null, int retries = 0, TimeSpan? timeout = null)
    {
        _session?.Dispose();
        _session = new KeystoneSession(
            Options(_keystone, password ?? _keystone.Password, retries, timeout ?? TimeSpan.FromSeconds(60)), NullLoggerFactory.Instance, TimeProvider.System);
        return new ProviderSync(new PlacementClient(_session), new SyncSource(
            Bench.HostName, _ => Task.FromResult(new HostWants(1, 1, false, [.. _wanted])), _ => true, () => _ledger, ledger => _ledger = ledger));
    }

    private static KeystoneSessionOptions Options(WireMockKeystone keystone, string password, int retries, TimeSpan timeout) => new()
    {
        AuthUrl = new Uri(keystone.Url),
        Credential = new PasswordCredential
        {
            UserName = WireMockKeystone.User,
            UserDomainName = "Default",
            Password = password,
            ProjectName = "service",
            ProjectDomainName = "Default",
        },
        Retries = retries,
        StatusRetries = retries,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        FailurePause = TimeSpan.Zero,
        Timeout = timeout,
        ConnectTimeout = TimeSpan.FromSeconds(60),
    };
}
