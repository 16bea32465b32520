using System.Collections.Concurrent;
using Cyborg.Conductor.Jobs;
using Cyborg.Conductor.Nova;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>A conductor with one card of four handles, an agent that programs as a test says, and the rounds of one worker.</summary>
internal sealed class ProgramStage : IAsyncDisposable
{
    private static readonly NovaOptions s_withNova = TestConductor.NoNova with { Endpoint = new Uri("http://127.0.0.1:1/v2.1/") };

    private readonly HandleJobs _jobs;
    private readonly BusClient _client;
    private readonly BusServer _agent;
    private readonly ConcurrentQueue<ProgramDevice> _programs = new();
    private readonly ConcurrentQueue<Guid> _attached = new();

    private ProgramStage(TestConductor conductor)
    {
        Conductor = conductor;
        _client = new BusClient(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        _jobs = new HandleJobs(conductor.Database, _client, s_withNova, relay: null, NullLogger.Instance, TimeProvider.System);
        _agent = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        _agent.Map(Verbs.ProgramDevice, ProgramAsync, TestConductor.Host);
        _agent.Map(Verbs.AttachHandle, (work, _, _) => AttachAsync(work), TestConductor.Host);
        _agent.Map(Verbs.DetachHandle, (_, _, _) => Task.FromResult(new HandleWorkResult(null)), TestConductor.Host);
    }

    public TestConductor Conductor { get; }

    public Func<ProgramDevice, Task<ProgramResult>> OnProgram { get; set; } = work => Task.FromResult(new ProgramResult(work.Wish.Image!.Value, null));

    /// <summary>What the agent was asked to program, in order.</summary>
    public IReadOnlyList<ProgramDevice> Programs => [.. _programs];

    /// <summary>The ARQs for which it was asked to attach.</summary>
    public IReadOnlyList<Guid> Attached => [.. _attached];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ProgramStage> StartAsync(DatabaseKind kind, bool hostWork = false)
    {
        var stage = new ProgramStage(await TestConductor.StartAsync(kind, s_withNova, quiet: true));
        await stage._agent.StartAsync(Stop);
        await stage.Conductor.ReportAsync(TestConductor.Card("card", 4, hostWork));
        return stage;
    }

    public async Task<Guid> CreateAsync(string key, string value)
    {
        var name = $"profile-{Guid.NewGuid():N}";
        await Conductor.CallAsync(
            Verbs.CreateProfile, new CreateProfile(null, name, null, [new Dictionary<string, string?> { ["resources:FPGA"] = "1", [key] = value }]));
        return (await Conductor.CallAsync(Verbs.CreateArqs, new CreateArqs(name))).Arqs[0].Uuid;
    }

    public Task<Guid> BindAsync(Guid image) => BindAsync("accel:bitstream_id", image.ToString());

    public Task<Guid> BindAsync(string function) => BindAsync("accel:function_id", function);

    /// <summary>Has the card run an image, held by nobody.</summary>
    public Task RunsAsync(Guid image) => ProgramAsync(image, Guid.NewGuid());

    public async Task<Deployable> ProgramAsync(Guid image, Guid call) =>
        await Conductor.CallAsync(Verbs.ProgramDeployable, new ProgramDeployable((await RowAsync()).Uuid, image), idempotencyId: call);

    public async Task<FaultCode> ProgramFaultAsync(Guid image) =>
        await Conductor.FaultAsync(Verbs.ProgramDeployable, new ProgramDeployable((await RowAsync()).Uuid, image));

    public async Task RoundAsync()
    {
        await _jobs.RoundAsync(Stop);
        await _jobs.WhenIdleAsync();
    }

    /// <summary>Has postponed jobs be due.</summary>
    public Task DueAsync() =>
        AgeAsync(session => session.AttachHandles.Where(row => row.JobAfter != null).Set(row => row.JobAfter, (DateTimeOffset?)null).UpdateAsync());

    /// <summary>The programming that is under way stays its conductor's, however long the test takes: no background of it renews the claim.</summary>
    public Task HoldAsync() => AgeAsync(session => session.Deployables.Where(row => row.ProgramToken != null).Set(row => row.ProgramUntil, _ => DatabaseClock.In(3600)).UpdateAsync());

    public Task AgeAsync<T>(Func<Session, Task<T>> change) => Conductor.Database.TransactAsync(change, Stop);

    public async Task StopAgentAsync() => await _agent.DisposeAsync();

    public Task<DeployableRow> RowAsync() => Conductor.Database.ReadAsync(session => session.Deployables.FirstAsync(), Stop);

    public async Task<Deployable> ShowAsync() => await Conductor.CallAsync(Verbs.ShowDeployable, new ById((await RowAsync()).Uuid));

    public async Task<IReadOnlyList<(AttachHandleState State, long Generation)>> HandlesAsync() =>
        [.. (await Conductor.Database.ReadAsync(session => session.AttachHandles.OrderBy(row => row.Id).ToListAsync(), Stop)).Select(row => (row.State, row.Generation))];

    public async Task<IEnumerable<(Guid, string)>> EventsAsync() =>
        (await Conductor.Database.ReadAsync(session => session.NovaEvents.OrderBy(row => row.Id).ToListAsync(), Stop)).Select(row => (row.ArqUuid, row.Status));

    /// <summary>True if Nova is to be told that a bind failed.</summary>
    public Task<bool> HasFailedAsync(Guid arq) =>
        Conductor.Database.ReadAsync(session => session.NovaEvents.AnyAsync(row => row.ArqUuid == arq && row.Status == NovaEventStore.Failed), Stop);

    /// <summary>How often that which Placement is to show of the host has changed.</summary>
    public Task<long> ProvidersVersionAsync() =>
        Conductor.Database.ReadAsync(session => session.ProviderRevisions.Where(row => row.Hostname == TestConductor.Host).Select(row => row.N).FirstOrDefaultAsync(), Stop);

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _client.DisposeAsync();
        await _jobs.Programs.DisposeAsync();
        await Conductor.DisposeAsync();
    }

    private async Task<Guid> BindAsync(string key, string value)
    {
        var arq = await CreateAsync(key, value);
        await Conductor.BindAsync([arq], "card");
        return arq;
    }

    private Task<ProgramResult> ProgramAsync(ProgramDevice work, CallContext call, CancellationToken stop)
    {
        _programs.Enqueue(work);
        return OnProgram(work);
    }

    private Task<HandleWorkResult> AttachAsync(HandleWork work)
    {
        _attached.Enqueue(work.ArqUuid);
        return Task.FromResult(new HandleWorkResult(null));
    }
}
