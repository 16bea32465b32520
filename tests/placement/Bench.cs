using System.Net;
using System.Text.Json;
using Cyborg.Identity.Session;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

/// <summary>One host with a Placement in memory: what is wanted, whether more may be offered, what was kept, and the sync under test.</summary>
internal sealed class Bench
{
    public const string HostName = "compute 1.example.org";

    private Sync? _sync;

    public Bench() => Host = Placement.AddHost(HostName);

    public FakePlacement Placement { get; } = new();
    public Guid Host { get; }
    public List<WantedDeployable> Wanted { get; set; } = [];
    public long Version { get; set; } = 1;
    public bool Fenced { get; set; }
    public bool MayGrow { get; set; } = true;
    public ProviderLedger Ledger { get; set; } = ProviderLedger.Empty;
    public int LedgerWrites { get; private set; }
    public int WantsRead { get; private set; }

    /// <summary>Called with each call before it is handled: somebody else may do something, or answer in Placement's place.</summary>
    public Func<string, string, FakeReply?> Before { get; set; } = (_, _) => null;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public FakeProvider this[string name] => Placement.Named(name) ?? throw new InvalidOperationException($"There is no provider {name}.");

    /// <summary>A client of the Placement in memory.</summary>
    public PlacementClient Client() => new(SendAsync);

    /// <summary>The process that syncs was started again: what it knew is gone, what it kept is not.</summary>
    public void Restart() => _sync = null;

    public async Task<SyncResult> SyncAsync(bool rewrite = false)
    {
        _sync ??= new Sync(this);
        return await _sync.Runs.RunAsync(_ => rewrite, Token);
    }

    public Task<bool> DriftedAsync() => (_sync ??= new Sync(this)).Runs.HasDriftedAsync(Token);

    public static WantedDeployable Deployable(string name, int accelerators = 2, params (string Key, string Value)[] attributes) => new(
        Guid.NewGuid(), ProviderIdentity.Uuid(name), name, DeviceState.Ready, false, accelerators, 0,
        [.. (attributes.Length > 0 ? attributes : [("rc", "FPGA"), ("trait0", "CUSTOM_A")]).Select(pair => new DriverAttribute(pair.Key, pair.Value))], null);

    /// <summary>Adds a wanted deployable.</summary>
    public WantedDeployable Want(WantedDeployable deployable)
    {
        Wanted.Add(deployable);
        return deployable;
    }

    /// <summary>Changes the one wanted deployable of this name.</summary>
    public void Change(string name, Func<WantedDeployable, WantedDeployable> change) =>
        Wanted = [.. Wanted.Select(one => one.Name == name ? change(one) : one)];

    /// <summary>Total and reserved of a class.</summary>
    public (int Total, int Reserved) Amounts(string name, string resourceClass = "FPGA") =>
        (this[name].Inventories[resourceClass].Total, this[name].Inventories[resourceClass].Reserved);

    private Task<HttpResponseMessage> SendAsync(ServiceRequest request, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var reply = Before(request.Method.Method, request.Path)
            ?? Placement.Handle(request.Method.Method, request.Path, request.Body, request.Headers["OpenStack-API-Version"]);
        var answer = new HttpResponseMessage((HttpStatusCode)reply.Status);
        if (reply.Body is not null)
            answer.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(reply.Body));
        return Task.FromResult(answer);
    }

    private sealed class Sync(Bench bench)
    {
        public ProviderSync Runs { get; } = new(bench.Client(), new SyncSource(
            HostName,
            _ =>
            {
                bench.WantsRead++;
                return Task.FromResult(new HostWants(bench.Version, 1, bench.Fenced, [.. bench.Wanted]));
            },
            wants => bench.MayGrow && !wants.Fenced,
            () => bench.Ledger,
            ledger =>
            {
                bench.LedgerWrites++;
                bench.Ledger = ProviderLedger.Of(ledger.Entries);
            }));
    }
}
