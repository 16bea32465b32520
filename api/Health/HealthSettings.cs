using System.Globalization;
using Cyborg.Hosting;
using Cyborg.Hosting.Telemetry;

namespace Cyborg.Api.Health;

/// <summary><c>[healthcheck]</c>, with the names of oslo.middleware.</summary>
public sealed record HealthSettings
{
    internal const string Bus = "bus";
    internal const string Conductor = "conductor";
    internal const string Keystone = "keystone";
    internal const string DisableByFile = "disable_by_file";
    internal const string DisableByPort = "disable_by_files_ports";

    private static readonly string[] Known = [Bus, Conductor, Keystone, DisableByFile, DisableByPort];

    /// <summary><c>path</c>.</summary>
    public static readonly Option<string> PathOption = Options.String(
        "healthcheck", "path", "/healthcheck", "Path that answers whether the service is well, without a token.",
        path => path.StartsWith('/') && path.Length > 1 ? null : "is no path; write /healthcheck or another path that begins with a slash");

    /// <summary><c>detailed</c>.</summary>
    public static readonly Option<bool> DetailedOption = Options.Boolean(
        "healthcheck", "detailed", false, "Answer each check by name, with the version; it tells strangers more.");

    /// <summary><c>backends</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> BackendsOption = Options.List(
        "healthcheck", "backends", [Bus, DisableByFile, DisableByPort],
        $"What is checked: any of {string.Join(", ", Known)}. With conductor or keystone a load balancer takes every API out of service while those are away.");

    /// <summary><c>allowed_source_ranges</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> SourcesOption = Options.List(
        "healthcheck", "allowed_source_ranges", [], "Networks from which the check is answered; all by default. From others there is no such path.");

    /// <summary><c>ignore_proxied_requests</c>.</summary>
    public static readonly Option<bool> IgnoreProxiedOption = Options.Boolean(
        "healthcheck", "ignore_proxied_requests", false, "Do not answer the check to requests that a proxy passes on.");

    /// <summary><c>disable_by_file_path</c>.</summary>
    public static readonly Option<string?> DisableFileOption = Options.OptionalString(
        "healthcheck", "disable_by_file_path", "While this file exists the check answers 503, so that a load balancer lets the service go.");

    /// <summary><c>disable_by_file_paths</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> DisableFilesOption = Options.List(
        "healthcheck", "disable_by_file_paths", [], "The same for one port each, as PORT:PATH.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [PathOption, DetailedOption, BackendsOption, SourcesOption, IgnoreProxiedOption, DisableFileOption, DisableFilesOption];

    /// <summary>Its path.</summary>
    public required string Path { get; init; }

    /// <summary>True to show each check.</summary>
    public bool Detailed { get; init; }

    /// <summary>What is checked.</summary>
    public IReadOnlyList<string> Backends { get; init; } = [];

    /// <summary>Who may ask; null for everybody.</summary>
    public SourceRanges? Sources { get; init; }

    /// <summary>True to answer nothing that a proxy passes on.</summary>
    public bool IgnoreProxied { get; init; }

    /// <summary>While this file exists the answer is 503.</summary>
    public string? DisableFile { get; init; }

    /// <summary>The same for one port each.</summary>
    public IReadOnlyList<(int Port, string Path)> DisableFiles { get; init; } = [];

    /// <summary>Reads and checks them.</summary>
    internal static HealthSettings Read(CyborgConfig config, List<string> faults)
    {
        var backends = config.Get(BackendsOption);
        foreach (var unknown in backends.Except(Known))
            faults.Add($"{config.Place(BackendsOption)}: there is no check '{Printable.Escape(unknown, 100)}'; write any of {string.Join(", ", Known)}");
        var sources = config.Get(SourcesOption);
        return new HealthSettings
        {
            Path = config.Get(PathOption),
            Detailed = config.Get(DetailedOption),
            Backends = backends,
            Sources = sources.Count == 0 ? null : SourceRanges.Parse(sources, config.Place(SourcesOption), faults),
            IgnoreProxied = config.Get(IgnoreProxiedOption),
            DisableFile = config.Get(DisableFileOption),
            DisableFiles = ReadFiles(config, faults),
        };
    }

    private static List<(int Port, string Path)> ReadFiles(CyborgConfig config, List<string> faults)
    {
        var files = new List<(int, string)>();
        foreach (var text in config.Get(DisableFilesOption))
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && colon < text.Length - 1 && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
                files.Add((port, text[(colon + 1)..]));
            else
                faults.Add($"{config.Place(DisableFilesOption)}: '{Printable.Escape(text, 100)}' is no port with a path; write 6666:/etc/cyborg/api_disabled");
        }
        return files;
    }
}
