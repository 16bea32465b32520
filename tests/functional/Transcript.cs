using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>A dialogue with the service, written down: requests with what must come back. README.md beside the transcripts has the language.</summary>
internal sealed record Transcript(string Name, IReadOnlyList<Step> Steps)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "transcripts");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    public static Transcript Load(string name)
    {
        var root = Yaml.Load(Path.Combine(Folder, name + ".yaml"))!.AsObject();
        var common = root["headers"]?.AsObject() ?? [];
        return new Transcript(name, [.. root["steps"]!.AsArray().Select(step => Step.From(step!.AsObject(), common))]);
    }
}

/// <summary>One request and what must come back.</summary>
internal sealed record Step(string Name, string Method, string Url)
{
    private static readonly string[] Known =
    [
        "name", "as", "method", "url", "headers", "json", "text", "bytes", "repeat", "type", "needs", "soon",
        "status", "response-headers", "body", "contains", "lacks", "fault", "abort", "error", "capture",
    ];

    /// <summary>Who asks: a name of personas.yaml.</summary>
    public string As { get; init; } = "admin";
    public JsonObject Headers { get; init; } = [];
    public required JsonObject Source { get; init; }
    public IReadOnlyList<int> Status { get; init; } = [200];
    /// <summary>Variables without which the step is left out.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];
    /// <summary>True if it is asked again until it is as written: the service does by itself what leads there, and may be slow.</summary>
    public bool Soon { get; init; }

    public JsonNode? this[string key] => Source[key];
    public bool Has(string key) => Source.ContainsKey(key);

    public static Step From(JsonObject source, JsonObject commonHeaders)
    {
        var name = source["name"]?.ToString() ?? throw new InvalidDataException($"A step without a name: {source.ToJsonString()}");
        if (source.Select(pair => pair.Key).Except(Known).FirstOrDefault() is { } unknown)
            throw new InvalidDataException($"'{name}': unknown key '{unknown}'");
        var headers = (JsonObject)commonHeaders.DeepClone();
        foreach (var (key, value) in source["headers"]?.AsObject() ?? [])
            headers[key] = value?.DeepClone();
        return new Step(name, source["method"]?.ToString() ?? "GET", source["url"]!.ToString())
        {
            As = source["as"]?.ToString() ?? "admin",
            Headers = headers,
            Source = source,
            Status = source["status"] is { } status ? [.. Many(status).Select(int.Parse)] : [200],
            Soon = source["soon"]?.ToString() == "true",
            Needs = source["needs"] is { } needs ? [.. Many(needs)] : [],
        };
    }

    private static IEnumerable<string> Many(JsonNode node) => node is JsonArray list ? list.Select(item => item!.ToString()) : [node.ToString()];
}
