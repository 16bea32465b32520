using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cyborg.Hosting.Telemetry;

/// <summary>How a process makes traces: of requests to the API and of jobs, with all that they bring about on the bus, in the database and at other
/// services.</summary>
public static class Tracing
{
    /// <summary>What stands before the name of a span that begins a trace when nobody has asked for it: work that a row has left.</summary>
    public const string JobPrefix = "job ";

    /// <summary>What the house and its libraries call their spans: the rooms, the web server, calls to other services, PostgreSQL.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["Cyborg.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    /// <summary>A provider without an exporter: which spans there are, and which are kept.</summary>
    /// <param name="service">The executable's name, for example <c>cyborg-api</c>.</param>
    /// <param name="sampleRatio">Part of the requests that are kept.</param>
    public static TracerProviderBuilder Builder(string service, double sampleRatio = 1) =>
        Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => Describe(resource, service))
            .SetSampler(new ParentBasedSampler(new RootSampler(sampleRatio)))
            .AddSource([.. Sources]);

    /// <summary>The provider of a process; null if no traces are wanted. To be disposed at the end, which sends what waits.</summary>
    /// <param name="service">The executable's name.</param>
    /// <param name="options">Where traces go.</param>
    public static TracerProvider? Start(string service, TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Traces ? Builder(service, options.SampleRatio).AddOtlpExporter(exporter => Aim(exporter, options)).Build() : null;
    }

    /// <summary>Says who measures and traces.</summary>
    internal static ResourceBuilder Describe(ResourceBuilder resource, string service) => resource.AddService(
        service, serviceNamespace: "cyborg",
        serviceVersion: typeof(Tracing).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    private static void Aim(OtlpExporterOptions exporter, TelemetryOptions options)
    {
        // OpenTelemetry's variables have filled it in; what cyborg.conf says counts more.
        if (options.Endpoint is not { } endpoint)
            return;
        exporter.Protocol = options.PlainHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = !options.PlainHttp || endpoint.AbsolutePath.EndsWith("/v1/traces", StringComparison.Ordinal)
            ? endpoint
            : new Uri(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/v1/traces");
    }

    /// <summary>Decides which traces begin at all: requests to the API, and jobs. Heartbeats, looks for work and the like would be most of what there
    /// is, and say nothing.</summary>
    private sealed class RootSampler(double ratio) : Sampler
    {
        private const string HttpRequest = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

        private readonly TraceIdRatioBasedSampler _some = new(ratio);

        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            samplingParameters.Name == HttpRequest || samplingParameters.Name.StartsWith(JobPrefix, StringComparison.Ordinal)
                ? _some.ShouldSample(samplingParameters)
                : new SamplingResult(SamplingDecision.Drop);
    }
}
