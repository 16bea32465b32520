using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>A real conductor on a database of its own, called over a bus as the API and agents call it.</summary>
internal sealed class TestConductor : IAsyncDisposable
{
    public const string Host = "compute1";
    public const string Project = "p1";

    public static readonly AgentIdentity Agent = new(Guid.NewGuid(), Guid.NewGuid(), 1);

    /// <summary>Who calls with so little time hears at once how far it is, and has still that much to hear of it.</summary>
    public static readonly TimeSpan Haste = TimeSpan.FromSeconds(60);

    /// <summary>The time of a call that waits for others.</summary>
    public static readonly TimeSpan Patience = Haste + TimeSpan.FromSeconds(60);

    private readonly InProcessBus _bus = new();
    private readonly TestDatabase _database;
    private readonly ConductorRoom _room;
    private readonly BusClient _client;

    private readonly NovaOptions _nova;
    private readonly ConductorOptions _options;

    private TestConductor(TestDatabase database, NovaOptions? nova, ConductorOptions options)
    {
        (_nova, _options) = (nova ?? NoNova, options);
        _database = database;
        _room = NewRoom(database.Database);
        _client = new BusClient(_bus.Connect(), Patient, NullLoggerFactory.Instance, TimeProvider.System);
    }

    public CyborgDatabase Database => _database.Database;

    public InProcessBus Bus => _bus;

    /// <summary>Limits of a bus on which nothing is lost: what is slow is not asked again.</summary>
    public static BusOptions Patient { get; } = new() { AttemptTimeout = TimeSpan.FromMinutes(1), PartTimeout = TimeSpan.FromMinutes(1) };

    private static ConductorOptions Quick { get; } = ConductorOptions.From(CyborgConfig.Empty.With(ConductorOptions.SaveIntervalOption, 0.05)) with
    {
        // No agent here finds what its backend has made before the test has it report that.
        DevicePatience = TimeSpan.FromMilliseconds(100),
        // Agents and databases here are there, or they are not: what is slow is waited for.
        AgentPatience = TimeSpan.FromMinutes(1),
        AnswerMargin = Haste,
        LookTimeout = TimeSpan.FromMinutes(1),
    };

    public static NovaOptions NoNova { get; } = new()
    {
        Endpoint = null,
        EventTimeout = TimeSpan.FromMinutes(5),
        BindTimeout = TimeSpan.FromMinutes(1),
        AnswerTimeout = TimeSpan.FromMinutes(1),
    };

    /// <param name="kind">Of the database.</param>
    /// <param name="nova">Who is told of binds; nobody by default.</param>
    /// <param name="quiet">True to have the conductor do nothing but answer calls, so that a test can count its statements.</param>
    /// <param name="placement">How Placement is reached; null for none.</param>
    /// <param name="change">Changes other options; null leaves them.</param>
    public static async Task<TestConductor> StartAsync(
        DatabaseKind kind, NovaOptions? nova = null, bool quiet = false, KeystoneSessionOptions? placement = null, Func<ConductorOptions, ConductorOptions>? change = null)
    {
        var options = Quick with { Placement = placement };
        var conductor = new TestConductor(await TestDatabase.CreateAsync(kind), nova, change?.Invoke(options) ?? options);
        await (quiet ? conductor._room.ServeAsync(CancellationToken.None) : conductor._room.StartAsync(CancellationToken.None));
        return conductor;
    }

    /// <summary>Starts another conductor beside this one, on the same bus and database.</summary>
    public async Task<IAsyncDisposable> StartAnotherAsync()
    {
        var other = NewRoom(_database.OpenAgain());
        await other.StartAsync(CancellationToken.None);
        return other;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _room.DisposeAsync();
        await _database.DisposeAsync();
    }

    private ConductorRoom NewRoom(CyborgDatabase state) =>
        ConductorRoom.Build(state, _bus.Connect(), Patient, _nova, NullLoggerFactory.Instance, TimeProvider.System, _options);

    public Task<TReply> CallAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, TRequest request, string? project = Project, Guid? idempotencyId = null, string? host = null) =>
        _client.CallAsync(verb, request, new CallContext { Caller = new Caller { ProjectId = project }, IdempotencyId = idempotencyId, TimeLeft = Patience }, host);

    /// <summary>As <see cref="CallAsync"/>, by a caller for whom nobody is waited.</summary>
    public Task<TReply> CallInHasteAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request) =>
        _client.CallAsync(verb, request, new CallContext { Caller = new Caller { ProjectId = Project }, TimeLeft = Haste });

    public async Task<FaultCode> FaultAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request, string? project = Project, string? host = null) =>
        (await Assert.ThrowsAsync<FaultException>(() => CallAsync(verb, request, project, host: host))).Code;

    public Task<InventoryReply> ReportAsync(params DriverDevice[] devices) => ReportAsync(Host, new DriverDiscovery("fake_driver", devices));

    public Task<InventoryReply> ReportAsync(string host, params DriverDiscovery[] found) =>
        CallAsync(Verbs.ReportInventory, Inventory(found), project: null, host: host);

    /// <summary>As <see cref="ReportAsync(DriverDevice[])"/>, of an agent that writes to Placement.</summary>
    public Task<InventoryReply> ReportManagedAsync(params DriverDevice[] devices) =>
        CallAsync(Verbs.ReportInventory, Inventory(new DriverDiscovery("fake_driver", devices)) with { ManagesProviders = true }, project: null, host: Host);

    public static ReportInventory Inventory(params DriverDiscovery[] found) => new(Agent, found, InitiallyReady: true, InventoryChecksum.Of(found), Epoch: 0);

    public async Task<IReadOnlyList<Guid>> CreateAsync(int count = 1, string? project = Project)
    {
        var name = $"profile-{Guid.NewGuid():N}";
        await CallAsync(Verbs.CreateProfile, new CreateProfile(null, name, null, [new Dictionary<string, string?> { ["resources:FPGA"] = $"{count}" }]));
        return [.. (await CallAsync(Verbs.CreateArqs, new CreateArqs(name), project)).Arqs.Select(arq => arq.Uuid)];
    }

    public Task<Done> BindAsync(IEnumerable<Guid> arqs, string deployable, Guid? instance = null, string? project = Project, Guid? idempotencyId = null) =>
        CallAsync(Verbs.BindArqs, Binding(arqs, deployable, instance, project), project, idempotencyId);

    public static BindArqs Binding(IEnumerable<Guid> arqs, string deployable, Guid? instance = null, string? project = Project)
    {
        var bound = instance ?? Guid.NewGuid();
        return new BindArqs(Scope(project), [.. arqs.Select(arq => new ArqBinding(arq, "nova-host", ProviderIdentity.Uuid(deployable), bound, null))]);
    }

    public Task<AcceleratorRequest> ShowAsync(Guid arq, string? project = Project) => CallAsync(Verbs.ShowArq, new ShowArq(Scope(project), arq), project);

    public static ProjectScope Scope(string? project) => new(false, project);

    public static DriverDevice Card(string name, int handles, bool hostWork = false) => new()
    {
        Vendor = "0xABCD",
        Model = "test card",
        Type = DeviceType.FPGA,
        ControlPath = new DriverControlPath("PCI", $$"""{"name": "{{name}}"}"""),
        Deployables =
        [
            new DriverDeployable
            {
                Name = name,
                NumAccelerators = Math.Max(handles, 1),
                DriverName = "fake",
                Attributes = [new("rc", "FPGA"), new("trait0", "CUSTOM_TEST")],
                AttachHandles = [.. Enumerable.Range(0, handles).Select(n => new DriverAttachHandle(AttachHandleType.TEST_PCI, $$"""{"n": "{{n}}"}""", hostWork))],
            },
        ],
    };
}
