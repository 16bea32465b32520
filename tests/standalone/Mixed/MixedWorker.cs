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
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly MixedCloud _cloud;
    private readonly HandleRegistry _registry;
    private readonly ConcurrentDictionary<string, int> _outcomes;
    private readonly Random _random;
    private readonly MixedClient _manager;
    private readonly MixedClient _nova;
    private readonly MixedClient _admin;
    private readonly Guid[] _instances;
    private readonly CancellationToken _stop;

    private readonly Dictionary<(Guid Accelerator, string Target), MyAttachment> _attachments = [];
    private readonly Dictionary<Guid, MyServer> _servers = [];
    private readonly List<Guid> _loose = [];

    public MixedWorker(MixedCloud cloud, HandleRegistry registry, ConcurrentDictionary<string, int> outcomes, int seed, int number)
    {
        (_cloud, _registry, _outcomes) = (cloud, registry, outcomes);
        _stop = TestContext.Current.CancellationToken;
        _random = new Random((seed * 1000) + number);
        Project = $"{number:x32}";
        (_manager, _nova, _admin) = (new(cloud, MixedClient.Manager(Project)), new(cloud, MixedClient.NovaFor(Project)), new(cloud, MixedClient.Administrator));
        _instances = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        foreach (var instance in _instances)
            cloud.Nova.Place(instance, hasHost: true, Project);
    }

    public string Project { get; }

    /// <summary>Its attachments of version 1, by accelerator and target.</summary>
    public IReadOnlyDictionary<(Guid Accelerator, string Target), MyAttachment> Attachments => _attachments;

    /// <summary>Its servers of version 2.</summary>
    public IReadOnlyDictionary<Guid, MyServer> Servers => _servers;

    /// <summary>Its ARQs that are bound to nothing.</summary>
    public IReadOnlyList<Guid> Loose => _loose;

    /// <summary>Takes some steps.</summary>
    public async Task WalkAsync(int steps)
    {
        for (var n = 0; n < steps && _registry.Wrong.Count < 20; n++)
        {
            var (name, step) = Choose();
            var outcome = await step();
            _outcomes.AddOrUpdate($"{name}: {outcome}", 1, (_, count) => count + 1);
        }
    }

    /// <summary>Gives everything back.</summary>
    public async Task EndAsync()
    {
        foreach (var (accelerator, target) in _attachments.Keys.ToList())
            await DetachAsync(accelerator, _attachments[(accelerator, target)].Type, target);
        foreach (var server in _servers.Keys.ToList())
            await DeleteServerAsync(server);
        foreach (var arq in _loose.ToList())
            await DeleteLooseAsync(arq);
    }

    private (string Name, Func<Task<string>> Step) Choose() => _random.Next(100) switch
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
        var known = _cloud.Accelerators.Values.OrderBy(one => one.Uuid).ToArray();
        return known[_random.Next(known.Length)];
    }

    private string Wrong(string what, object? saw = null)
    {
        _registry.Tell($"project {Project}: {what}{(saw is null ? "" : $": {saw}")}");
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
            await Task.Delay(TimeSpan.FromMilliseconds(20), _stop);
        }
    }
}
