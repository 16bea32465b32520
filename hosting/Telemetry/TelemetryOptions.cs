using System.Net;

namespace Cyborg.Hosting.Telemetry;

/// <summary>Where traces go and who may read metrics; every executable has them.</summary>
public sealed record TelemetryOptions
{
    /// <summary>OpenTelemetry's own variable, which turns traces on as well.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string TracesVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string OffVariable = "OTEL_SDK_DISABLED";

    /// <summary><c>[tracing] endpoint</c>.</summary>
    public static readonly Option<string?> EndpointOption = Options.OptionalString(
        "tracing", "endpoint",
        "Address of an OpenTelemetry collector that takes traces (OTLP), such as http://127.0.0.1:4317. Without it, and without OTEL_EXPORTER_OTLP_ENDPOINT in the environment, none are made.");

    /// <summary><c>[tracing] protocol</c>.</summary>
    public static readonly Option<string> ProtocolOption = Options.Choice("tracing", "protocol", "grpc", ["grpc", "http/protobuf"], "How the collector is spoken to.");

    /// <summary><c>[tracing] sample_ratio</c>.</summary>
    public static readonly Option<double> SampleRatioOption = Options.Number(
        "tracing", "sample_ratio", 1, "Part of the requests that are traced, 0 to 1; one whose caller traces it already follows its caller.");

    /// <summary><c>[metrics] listen</c>.</summary>
    public static readonly Option<string?> ListenOption = Options.OptionalString(
        "metrics", "listen",
        "Address and port of this service's /metrics (Prometheus text) and /healthcheck, such as 127.0.0.1:9464. They need no token: listen where only the monitoring comes.");

    /// <summary><c>[metrics] allowed_source_ranges</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> AllowedOption = Options.List(
        "metrics", "allowed_source_ranges", ["127.0.0.0/8", "::1/128"],
        "Networks from which the API answers /metrics on its own port, without a token; requests that a proxy passes on are never answered.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [EndpointOption, ProtocolOption, SampleRatioOption, ListenOption, AllowedOption];

    /// <summary>True if traces are made.</summary>
    public required bool Traces { get; init; }

    /// <summary>The collector; null to leave it to OpenTelemetry's variables.</summary>
    public required Uri? Endpoint { get; init; }

    /// <summary>True to speak HTTP/1.1 with it.</summary>
    public required bool PlainHttp { get; init; }

    /// <summary>Part of the requests that are traced.</summary>
    public required double SampleRatio { get; init; }

    /// <summary>Where metrics are served beside the API's own port; null for nowhere.</summary>
    public required IPEndPoint? Listen { get; init; }

    /// <summary>Who may read them on the API's own port.</summary>
    public required SourceRanges Allowed { get; init; }

    /// <summary>Reads and checks them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="environment">The process's variables; those of the machine if null.</param>
    /// <exception cref="ConfigException">A value is wrong: all faults, one line each.</exception>
    public static TelemetryOptions From(CyborgConfig config, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        List<string> faults = [];
        var endpoint = ReadEndpoint(config, faults);
        var ratio = config.Get(SampleRatioOption);
        if (ratio > 1)
            faults.Add(FormattableString.Invariant($"{config.Place(SampleRatioOption)}: {ratio} is more than all; write 0 to 1"));
        IPEndPoint? listen = null;
        if (config.Get(ListenOption) is { } text && (!IPEndPoint.TryParse(text, out listen) || listen.Port == 0 && !text.EndsWith(":0", StringComparison.Ordinal)))
            faults.Add($"{config.Place(ListenOption)}: '{Printable.Escape(text, 100)}' is no address with a port; write 127.0.0.1:9464");
        var allowed = SourceRanges.Parse(config.Get(AllowedOption), config.Place(AllowedOption), faults);
        if (faults.Count > 0)
            throw new ConfigException(faults);
        var off = string.Equals(environment(OffVariable), "true", StringComparison.OrdinalIgnoreCase);
        return new TelemetryOptions
        {
            Traces = !off && (endpoint is not null || !string.IsNullOrEmpty(environment(EndpointVariable)) || !string.IsNullOrEmpty(environment(TracesVariable))),
            Endpoint = endpoint,
            PlainHttp = config.Get(ProtocolOption) != "grpc",
            SampleRatio = ratio,
            Listen = listen,
            Allowed = allowed,
        };
    }

    private static Uri? ReadEndpoint(CyborgConfig config, List<string> faults)
    {
        if (config.Get(EndpointOption) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https" && endpoint.UserInfo.Length == 0)
            return endpoint;
        faults.Add($"{config.Place(EndpointOption)}: it is no address of a collector; write http://127.0.0.1:4317");
        return null;
    }
}
