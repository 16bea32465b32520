using System.Collections.Concurrent;
using Cyborg.Conductor;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Walker;

/// <summary>A random walk over everything that changes ARQs and inventory, from many tasks at once, through one conductor.</summary>
/// <param name="DatabaseUrl">A migrated database; other walks may use it at the same time.</param>
/// <param name="Seed">Of every choice.</param>
/// <param name="Operations">In all.</param>
/// <param name="Threads">Workers.</param>
public sealed record Walk(string DatabaseUrl, int Seed, int Operations, int Threads)
{
    public const string Profile = "walk";
    private const int Hosts = 3;
    private const int CardsPerHost = 2;
    private const int HandlesPerCard = 6;

    private static readonly Guid[] Instances = [.. Enumerable.Range(1, 24).Select(n => new Guid(n, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]))];

    // What may honestly be answered to a choice made from an old list.
    private static readonly FaultCode[] Expected =
    [
        FaultCode.ArqNotFound, FaultCode.ArqBadState, FaultCode.InstanceHasArqs, FaultCode.NoFreeAttachHandle, FaultCode.ResourceProviderNotFound,
        FaultCode.DeviceUnusable, FaultCode.DeviceNotFound,
    ];

    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private volatile Guid[] _arqs = [];
    private volatile Guid[] _devices = [];
    private int _left = Operations;

    /// <summary>What happened how often, e.g. <c>bind ArqBadState</c>.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    /// <summary>Walks.</summary>
    /// <exception cref="FaultException">An answer that no honest service gives.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var bus = new InProcessBus();
        var config = CyborgConfig.Empty.With(SharedOptions.ConnectionOption, DatabaseUrl);
        await using var conductor = ConductorRoom.Build(config, bus.Connect(), NullLoggerFactory.Instance, TimeProvider.System);
        await conductor.StartAsync(stop);
        await using var client = new BusClient(bus.Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(worker => Task.Run(() => WorkAsync(client, new Random((Seed * 1000) + worker), stop), stop)));
    }

    /// <summary>Gives everything back: afterwards no ARQ is left, and every card is there as at first.</summary>
    public async Task EndAsync(CancellationToken stop)
    {
        var bus = new InProcessBus();
        var config = CyborgConfig.Empty.With(SharedOptions.ConnectionOption, DatabaseUrl);
        await using var conductor = ConductorRoom.Build(config, bus.Connect(), NullLoggerFactory.Instance, TimeProvider.System);
        await conductor.StartAsync(stop);
        await using var client = new BusClient(bus.Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        var all = (await client.CallAsync(Verbs.ListArqs, new ListArqs(ProjectScope.All, null), new CallContext(), cancellationToken: stop)).Arqs;
        await client.CallAsync(Verbs.DeleteArqs, new DeleteArqs(ProjectScope.All, [.. all.Select(arq => arq.Uuid)], true), new CallContext(), cancellationToken: stop);
        for (var host = 0; host < Hosts; host++)
            await ReportAsync(client, host, [.. Enumerable.Range(0, CardsPerHost).Select(card => Card(host, card, HandlesPerCard))], stop);
    }

    /// <summary>Handles there are when every card is there.</summary>
    public static int AllHandles => Hosts * CardsPerHost * HandlesPerCard;

    private async Task WorkAsync(BusClient client, Random random, CancellationToken stop)
    {
        for (var step = 0; Interlocked.Decrement(ref _left) >= 0; step++)
        {
            if (step % 16 == 0)
                await LookAsync(client, stop);
            var (name, operation) = Choose(client, random, stop);
            var outcome = "done";
            try
            {
                await operation();
            }
            catch (FaultException fault) when (Expected.Contains(fault.Code))
            {
                outcome = fault.Code.ToString();
            }
            _outcomes.AddOrUpdate($"{name} {outcome}", 1, (_, count) => count + 1);
        }
    }

    private async Task LookAsync(BusClient client, CancellationToken stop)
    {
        var seen = await client.CallAsync(Verbs.ListArqs, new ListArqs(ProjectScope.All, null), new CallContext(), cancellationToken: stop);
        _arqs = [.. seen.Arqs.Select(arq => arq.Uuid)];
        var cards = await client.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null), new CallContext(), cancellationToken: stop);
        _devices = [.. cards.Devices.Select(device => device.Uuid)];
    }

    private (string Name, Func<Task> Run) Choose(BusClient client, Random random, CancellationToken stop)
    {
        var context = new CallContext { Caller = new Caller { ProjectId = "walk" } };
        var (known, cards) = (_arqs, _devices);
        Guid[] some = known.Length == 0 ? [Guid.NewGuid()] : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => known[random.Next(known.Length)]).Distinct()];
        var instance = Instances[random.Next(Instances.Length)];
        var device = cards.Length == 0 ? Guid.NewGuid() : cards[random.Next(cards.Length)];
        var (host, card) = (random.Next(Hosts), random.Next(CardsPerHost));
        // Deletes and creates balance around a few hundred ARQs.
        var create = known.Length < 150 ? 20 : 3;
        return random.Next(100 + create) switch
        {
            < 35 => ("bind", () => client.CallAsync(Verbs.BindArqs, new BindArqs(ProjectScope.All,
                [.. some.Select(arq => new ArqBinding(arq, $"host{host}", ProviderIdentity.Uuid(Name(host, card)), instance, null))]), context, cancellationToken: stop)),
            < 57 => ("unbind", () => client.CallAsync(Verbs.UnbindArqs, new UnbindArqs(ProjectScope.All, some), context, cancellationToken: stop)),
            < 67 => ("delete", () => client.CallAsync(Verbs.DeleteArqs, new DeleteArqs(ProjectScope.All, some, true), context, cancellationToken: stop)),
            < 80 => ("delete by instance", () => client.CallAsync(Verbs.DeleteInstanceArqs, new DeleteInstanceArqs(ProjectScope.All, instance), context, cancellationToken: stop)),
            < 92 => ("report", () => ReportAsync(client, host, Cards(host, random), stop)),
            < 96 => ("disable", () => client.CallAsync(Verbs.DisableDevice, new ById(device), context, cancellationToken: stop)),
            < 100 => ("enable", () => client.CallAsync(Verbs.EnableDevice, new ById(device), context, cancellationToken: stop)),
            _ => ("create", () => client.CallAsync(Verbs.CreateArqs, new CreateArqs(Profile), context, cancellationToken: stop)),
        };
    }

    // All walks are one agent, started once: what they contend for is the rows, not the lease.
    private static readonly AgentIdentity Agent = new(new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]), 1);

    private static Task<InventoryReply> ReportAsync(BusClient client, int host, IReadOnlyList<DriverDevice>? cards, CancellationToken stop)
    {
        DriverDiscovery[] found = [new DriverDiscovery("walk", cards)];
        var report = new ReportInventory(Agent, found, true, InventoryChecksum.Of(found), Epoch: 0);
        return client.CallAsync(Verbs.ReportInventory, report, new CallContext(), $"host{host}", stop);
    }

    private static DriverDevice[]? Cards(int host, Random random) =>
        random.Next(10) == 0
            ? null // The driver failed.
            : [.. Enumerable.Range(0, CardsPerHost).Where(_ => random.Next(8) > 0).Select(card => Card(host, card, random.Next(1, HandlesPerCard + 1)))];

    private static DriverDevice Card(int host, int card, int handles) => new()
    {
        Vendor = "v",
        Model = "walk",
        Type = DeviceType.FPGA,
        ControlPath = new DriverControlPath("PCI", $$"""{"card": "{{host}}.{{card}}"}"""),
        Deployables =
        [
            new DriverDeployable
            {
                Name = Name(host, card),
                NumAccelerators = handles,
                Attributes = [new DriverAttribute("rc", "FPGA")],
                AttachHandles = [.. Enumerable.Range(0, handles).Select(n => new DriverAttachHandle(AttachHandleType.TEST_PCI, $$"""{"n": "{{n}}"}"""))],
            },
        ],
    };

    private static string Name(int host, int card) => $"host{host}_card{card}";
}
