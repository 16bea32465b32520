using System.Collections.Concurrent;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using LinqToDB.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>What the tests of accelerators do with a conductor: a host with a backend, and what is heard of it on the bus.</summary>
internal static class AcceleratorStage
{
    public const string Driver = "generic_driver";

    public static ReportedBackend Backend(string name = "rack", bool creates = true) => new(Driver, name, "static", creates);

    public static Task<InventoryReply> ReportWithBackendsAsync(this TestConductor conductor, string host, IReadOnlyList<ReportedBackend> backends, params DriverDevice[] devices) =>
        conductor.CallAsync(
            Verbs.ReportInventory, TestConductor.Inventory(new DriverDiscovery(Driver, devices)) with { Backends = backends, InitiallyReady = false }, project: null, host: host);

    /// <summary>A device as the driver reports it for an accelerator that it has made.</summary>
    public static DriverDevice Made(Guid uuid, string name, int handles = 1) => TestConductor.Card($"card-{uuid:N}", handles) is var card
        ? card with
        {
            Deployables =
            [
                card.Deployables[0] with
                {
                    Attributes = [.. card.Deployables[0].Attributes, new("acc_name", name), new("acc_uuid", uuid.ToString()), new("acc_remote", "0")],
                },
            ],
        }
        : throw new InvalidOperationException();

    /// <summary>The agent of a host, as far as backends go.</summary>
    public static async Task<BusServer> StartAgentAsync(
        this TestConductor conductor, Func<MakeAccelerator, BackendResult>? make = null, Func<ChangeAccelerator, BackendResult>? change = null)
    {
        var agent = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        agent.Map(Verbs.MakeAccelerator, (request, _, _) => Task.FromResult((make ?? (_ => new BackendResult(null, false)))(request)), TestConductor.Host);
        agent.Map(Verbs.ChangeAccelerator, (request, _, _) => Task.FromResult((change ?? (_ => new BackendResult(null, false)))(request)), TestConductor.Host);
        await agent.StartAsync(TestContext.Current.CancellationToken);
        return agent;
    }

    public static Task<Accelerator> AcceleratorAsync(this TestConductor conductor, Guid uuid) => conductor.CallAsync(Verbs.ShowAccelerator, new ById(uuid));

    public static async Task<IReadOnlyList<Accelerator>> AcceleratorsAsync(this TestConductor conductor, ListAccelerators? filter = null) =>
        (await conductor.CallAsync(Verbs.ListAccelerators, filter ?? new ListAccelerators())).Accelerators;

    /// <summary>Asks until something is so; what never comes fails the test.</summary>
    public static async Task UntilAsync(Func<Task<bool>> so)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await so())
            await Task.Delay(5, patience.Token);
    }

    /// <summary>Ends claims and delays: what a dead conductor has claimed is due.</summary>
    public static Task EndClaimsAsync(CyborgDatabase database) => database.TransactAsync(
        async session =>
        {
            foreach (var statement in new[] { "UPDATE accelerators SET job_until = created_at, job_after = NULL", "UPDATE accelerator_events SET claim_until = created_at" })
                await session.ExecuteAsync(statement, TestContext.Current.CancellationToken);
        },
        TestContext.Current.CancellationToken);
}

/// <summary>Hears notifications.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly IBusTransport _bus;
    private readonly ConcurrentQueue<(string Subject, System.Text.Json.JsonElement Body)> _heard = new();
    private IAsyncDisposable? _subscription;

    private Listener(IBusTransport bus) => _bus = bus;

    public IReadOnlyList<(string Subject, System.Text.Json.JsonElement Body)> Heard => [.. _heard];

    /// <summary>What happened, in order. What was told twice, as it may be, stands once.</summary>
    public IEnumerable<string> Words => _heard.DistinctBy(one => one.Body.GetProperty("id").GetInt64()).Select(one => one.Subject.Split('.')[^1]);

    public static async Task<Listener> StartAsync(InProcessBus bus)
    {
        var listener = new Listener(bus.Connect());
        listener._subscription = await listener._bus.SubscribeAsync(
            "cyborg.notification.accelerator.>", null,
            message =>
            {
                using var document = System.Text.Json.JsonDocument.Parse(message.Payload);
                listener._heard.Enqueue((message.Subject, document.RootElement.Clone()));
            },
            TestContext.Current.CancellationToken);
        return listener;
    }

    public Task HearAsync(params string[] words) => AcceleratorStage.UntilAsync(() => Task.FromResult(Words.Count() >= words.Length));

    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
        await _bus.DisposeAsync();
    }
}
