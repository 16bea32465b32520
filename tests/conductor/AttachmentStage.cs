using System.Collections.Concurrent;
using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>A conductor with a card whose handles can be attached, its agent and, if wanted, a Placement and a Nova.</summary>
internal sealed class AttachmentStage : IAsyncDisposable
{
    public const string CardName = "card";

    public static readonly Guid Provider = ProviderIdentity.Uuid(CardName);

    private readonly ConcurrentQueue<(string Work, Guid Arq)> _work = new();
    private readonly ConcurrentDictionary<(string Work, Guid Handle, long Generation), bool> _journal = new();
    private readonly WireMockKeystone? _keystone;
    private BusServer? _agent;

    private AttachmentStage(TestConductor conductor, WireMockKeystone? keystone, Cyborg.TestServers.WireMockPlacement? placement) =>
        (Conductor, _keystone, Placement) = (conductor, keystone, placement!);

    public TestConductor Conductor { get; }

    /// <summary>The Placement, if there is one.</summary>
    public Cyborg.TestServers.WireMockPlacement Placement { get; }

    /// <summary>The accelerator.</summary>
    public Guid Card { get; private set; }

    /// <summary>How the host's work goes: the word is attach, detach, attach_to_host or detach_from_host.</summary>
    public Func<string, HandleWork, HandleWorkResult> Work { get; set; } = (_, _) => new HandleWorkResult(null);

    /// <summary>What the host has done, in order.</summary>
    public IReadOnlyList<(string Work, Guid Arq)> Done => [.. _work];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="kind">Of the database.</param>
    /// <param name="handles">Of the card.</param>
    /// <param name="nova">Endpoint of a Nova; null for none.</param>
    /// <param name="placement">True for a Placement.</param>
    /// <param name="agent">False if the card's agent is away at first.</param>
    /// <param name="hostWork">True if the card's handles need work on the host for a guest, too.</param>
    public static async Task<AttachmentStage> StartAsync(
        DatabaseKind kind, int handles = 2, string? nova = null, bool placement = false, bool agent = true, bool hostWork = false)
    {
        var (keystone, server) = placement ? (WireMockKeystone.Start(), Cyborg.TestServers.WireMockPlacement.Start()) : (null, null);
        keystone?.AddService("placement", server!.Url);
        var options = keystone is null
            ? null
            : ConductorOptions.From(CyborgConfig.Parse([new ConfigSource("cyborg.conf", keystone.Section("placement", []))], ConductorOptions.All)).Placement;
        var conductor = await TestConductor.StartAsync(kind, nova is null ? null : Nova(nova), placement: options);
        var stage = new AttachmentStage(conductor, keystone, server);
        server?.State.Put(new FakeProvider(Provider, CardName, null, 1)
        {
            Inventories = System.Collections.Immutable.ImmutableSortedDictionary<string, FakeInventory>.Empty.Add("FPGA", new FakeInventory(handles, 0, handles)),
        });
        if (agent)
            await stage.StartAgentAsync();
        stage.Card = await stage.AddAsync(TestConductor.Card(CardName, handles, hostWork));
        return stage;
    }

    /// <summary>Without orphan checks, which look for other things.</summary>
    public static NovaOptions Nova(string endpoint) => TestConductor.NoNova with { Endpoint = new Uri(endpoint + "/"), OrphanCheckInterval = TimeSpan.Zero };

    /// <summary>Reports these devices and no others of the host, and installs the new ones; the uuid of the last.</summary>
    public async Task<Guid> AddAsync(params DriverDevice[] devices)
    {
        var reply = Placement is null ? await Conductor.ReportAsync(devices) : await Conductor.ReportManagedAsync(devices);
        foreach (var device in reply.Install)
            await Conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(device.DeviceUuid, null), project: null, host: TestConductor.Host);
        return reply.Install.Count == 0 ? Guid.Empty : reply.Install[^1].DeviceUuid;
    }

    public async Task StartAgentAsync()
    {
        _agent = new BusServer(Conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        foreach (var verb in new[] { Verbs.AttachHandle, Verbs.DetachHandle, Verbs.AttachToHost, Verbs.DetachFromHost })
        {
            _agent.Map(verb, (request, _, _) => Task.FromResult(Do(verb.Name, request)), TestConductor.Host);
        }
        await _agent.StartAsync(Stop);
    }

    public Task<Attachment> AttachAsync(AttachTarget? type = null, string? target = null, string? project = TestConductor.Project, Guid? accelerator = null) =>
        CallAsync(Verbs.AttachAccelerator, new AttachAccelerator(accelerator ?? Card, null, type, target), project);

    public Task<Detached> DetachAsync(AttachTarget? type = null, string? target = null, string? project = TestConductor.Project) =>
        CallAsync(Verbs.DetachAccelerator, new DetachAccelerator(Card, type, target), project);

    public async Task<FaultException> AttachFaultAsync(AttachTarget? type = null, string? target = null) =>
        await Assert.ThrowsAsync<FaultException>(() => AttachAsync(type, target));

    public async Task<FaultException> DetachFaultAsync(AttachTarget? type = null, string? target = null, string? project = TestConductor.Project) =>
        await Assert.ThrowsAsync<FaultException>(() => DetachAsync(type, target, project));

    public Task<TReply> CallAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, TRequest request, string? project = TestConductor.Project, bool haste = false, Guid? id = null, bool admin = false)
    {
        var client = new BusClient(Conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        return CallAsync(client);

        async Task<TReply> CallAsync(BusClient own)
        {
            await using (own)
            {
                var caller = new Caller { ProjectId = project, UserId = "u1", IsAdmin = admin };
                var left = haste ? TestConductor.Haste : TestConductor.Patience;
                return await own.CallAsync(verb, request, new CallContext { Caller = caller, TimeLeft = left, IdempotencyId = id }, cancellationToken: Stop);
            }
        }
    }

    /// <summary>Attaches so that nobody is waited for.</summary>
    public Task<Attachment> AttachInHasteAsync(AttachTarget? type = null, string? target = null) =>
        CallAsync(Verbs.AttachAccelerator, new AttachAccelerator(Card, null, type, target), haste: true);

    /// <summary>Detaches so that nobody is waited for; true if it is done all the same.</summary>
    public async Task<bool> DetachInHasteAsync(AttachTarget? type = null, string? target = null) =>
        (await CallAsync(Verbs.DetachAccelerator, new DetachAccelerator(Card, type, target), haste: true)).Done;

    public Task<Accelerator> ShowAsync(string? project = TestConductor.Project) => CallAsync(Verbs.ShowAccelerator, new ById(Card), project);

    public Task<List<Attachment>> AttachmentsAsync() => Conductor.Database.ReadAsync(AttachmentStore.AllAsync, Stop);

    /// <summary>Handles that somebody has, in all.</summary>
    public Task<int> TakenAsync() => Conductor.Database.ReadAsync(
        session => session.AttachHandles.CountAsync(handle => handle.State != AttachHandleState.Free, Stop), Stop);

    /// <summary>True if nothing is left of any attachment: no row, no ARQ, no handle, no claim.</summary>
    public async Task<bool> IsCleanAsync() =>
        (await AttachmentsAsync()).Count == 0 && await TakenAsync() == 0
        && await Conductor.Database.ReadAsync(session => session.Arqs.CountAsync(Stop), Stop) == 0
        && (Placement is null || Placement.State.Consumers.Count == 0);

    public async Task RequireCleanAsync() => Assert.True(
        await IsCleanAsync(), $"{string.Join(", ", (await AttachmentsAsync()).Select(one => $"{one.State} {one.Reason}"))}; {await TakenAsync()} handles");

    public Task UntilCleanAsync() => AcceleratorStage.UntilAsync(IsCleanAsync);

    /// <summary>Until the one attachment is as wanted.</summary>
    public Task UntilAsync(Func<Attachment, bool> so) => AcceleratorStage.UntilAsync(async () => await AttachmentsAsync() is [var one] && so(one));

    /// <summary>What a dead conductor has claimed is due, and so is what waits to be tried again.</summary>
    public Task EndClaimsAsync() => Conductor.Database.TransactAsync(
        async session =>
        {
            await session.ExecuteAsync("UPDATE accelerator_attachments SET job_until = created_at, job_after = NULL WHERE step IS NOT NULL", Stop);
            return await session.ExecuteAsync("UPDATE attach_handles SET job_until = created_at, job_after = NULL WHERE job IS NOT NULL", Stop);
        },
        Stop);

    /// <summary>What waits to be tried again is due; what somebody is at work on is left alone.</summary>
    public Task EndClaimsIfIdleAsync() => Conductor.Database.TransactAsync(
        session => session.ExecuteAsync("UPDATE accelerator_attachments SET job_after = NULL WHERE step IS NOT NULL AND job_token IS NULL AND job_after IS NOT NULL", Stop), Stop);

    /// <summary>As an agent with its journal: what it has done it does not do again, however often it is asked.</summary>
    private HandleWorkResult Do(string verb, HandleWork request)
    {
        var key = (verb, request.HandleUuid, request.Generation);
        if (_journal.ContainsKey(key))
            return new HandleWorkResult(null);
        var result = Work(verb, request);
        _work.Enqueue((verb, request.ArqUuid));
        if (result.Error is null)
            _journal[key] = true;
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Conductor.DisposeAsync();
        if (Placement is not null)
            await Placement.DisposeAsync();
        if (_keystone is not null)
            await _keystone.DisposeAsync();
    }
}
