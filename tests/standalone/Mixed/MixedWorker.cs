using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Cyborg.Standalone.Tests;

/// <summary>An attachment of version 1 that a worker has.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Arq">Its ARQ.</param>
/// <param name="Type">Kind of its target.</param>
/// <param name="Handle">Provider and address of its handle.</param>
internal sealed record MyAttachment(Guid Uuid, Guid Arq, string Type, string Handle);

/// <summary>A server of version 2 that a worker has booted.</summary>
/// <param name="Arq">Its ARQ.</param>
/// <param name="Provider">Where Placement has allocated.</param>
/// <param name="Handle">Provider and address of its handle.</param>
internal sealed record MyServer(Guid Arq, Guid Provider, string Handle);

/// <summary>One worker of the walk. It has a project of its own, so it alone changes what is its: it knows exactly what the API must show to it, and what it
/// must be answered.</summary>
internal sealed partial class MixedWorker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly MixedCloud cloud;
    private readonly HandleRegistry registry;
    private readonly ConcurrentDictionary<string, int> outcomes;
    private readonly Random random;
    private readonly MixedClient manager;
    private readonly MixedClient nova;
    private readonly MixedClient admin;
    private readonly Guid[] instances;
    private readonly CancellationToken stop;

    private readonly Dictionary<(Guid Accelerator, string Target), MyAttachment> attachments = [];
    private readonly Dictionary<Guid, MyServer> servers = [];
    private readonly List<Guid> loose = [];

    public MixedWorker(MixedCloud cloud, HandleRegistry registry, ConcurrentDictionary<string, int> outcomes, int seed, int number)
    {
        (this.cloud, this.registry, this.outcomes) = (cloud, registry, outcomes);
        stop = TestContext.Current.CancellationToken;
        random = new Random((seed * 1000) + number);
        Project = $"{number:x32}";
        (manager, nova, admin) = (new(cloud, MixedClient.Manager(Project)), new(cloud, MixedClient.NovaFor(Project)), new(cloud, MixedClient.Administrator));
        instances = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        foreach (var instance in instances)
            cloud.Nova.Place(instance, hasHost: true, Project);
    }

    public string Project { get; }

    /// <summary>Its attachments of version 1, by accelerator and target.</summary>
    public IReadOnlyDictionary<(Guid Accelerator, string Target), MyAttachment> Attachments => attachments;

    /// <summary>Its servers of version 2.</summary>
    public IReadOnlyDictionary<Guid, MyServer> Servers => servers;

    /// <summary>Its ARQs that are bound to nothing.</summary>
    public IReadOnlyList<Guid> Loose => loose;

    /// <summary>Takes some steps.</summary>
    public async Task WalkAsync(int steps)
    {
        for (var n = 0; n < steps && registry.Wrong.Count < 20; n++)
        {
            var (name, step) = Choose();
            var outcome = await step();
            outcomes.AddOrUpdate($"{name}: {outcome}", 1, (_, count) => count + 1);
        }
    }

    /// <summary>Gives everything back.</summary>
    public async Task EndAsync()
    {
        foreach (var (accelerator, target) in attachments.Keys.ToList())
            await DetachAsync(accelerator, attachments[(accelerator, target)].Type, target);
        foreach (var server in servers.Keys.ToList())
            await DeleteServerAsync(server);
        foreach (var arq in loose.ToList())
            await DeleteLooseAsync(arq);
    }

    private (string Name, Func<Task<string>> Step) Choose() => random.Next(100) switch
    {
        < 30 => ("attach", AttachAsync),
        < 42 => ("detach", DetachSomeAsync),
        < 45 => ("detach whole", DetachWholeAsync),
        < 48 => ("detach instance", DetachInstanceAsync),
        < 53 => ("attachment deleted by version 2", DeleteAttachedAsync),
        < 60 => ("show", ShowAsync),
        < 64 => ("list", ListAsync),
        < 76 => ("boot", BootAsync),
        < 88 => ("delete server", DeleteServerAsync),
        < 90 => ("create request", CreateLooseAsync),
        < 92 => ("delete request", DeleteLooseAsync),
        < 96 => ("set state", SetStateAsync),
        < 98 => ("create", CreateAsync),
        _ => ("deprovision", DeprovisionAsync),
    };

    private KnownAccelerator AnyAccelerator()
    {
        var known = cloud.Accelerators.Values.OrderBy(one => one.Uuid).ToArray();
        return known[random.Next(known.Length)];
    }

    private string Wrong(string what, object? saw = null)
    {
        registry.Tell($"project {Project}: {what}{(saw is null ? "" : $": {saw}")}");
        return "wrong";
    }

    /// <summary>The answer's error text says why; anything but an honest refusal is wrong.</summary>
    private string Refused(MixedAnswer answer, params ReadOnlySpan<int> honest) =>
        honest.Contains(answer.Status) ? $"{answer.Status}" : Wrong("an answer that no honest service gives", answer);

    private static Guid Uuid(JsonNode? node) => Guid.Parse((string)node!);

    private static string HandleKey(Guid provider, JsonNode info) => $"{provider} {info.ToJsonString()}";

    private async Task<MixedAnswer?> UntilAsync(Func<Task<MixedAnswer>> ask, Func<MixedAnswer, bool> wanted)
    {
        var patience = DateTimeOffset.UtcNow + s_patience;
        while (true)
        {
            var answer = await ask();
            if (wanted(answer))
                return answer;
            if (DateTimeOffset.UtcNow > patience)
            {
                Wrong($"not within {s_patience.TotalSeconds} s", answer);
                return null;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
        }
    }
}
