using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Cyborg.Functional.Tests;

/// <summary>doc/observability.md against the running service, both ways.</summary>
public sealed partial class MetricsTests(ObservedService service) : IClassFixture<ObservedService>
{
    // What a service that has bound something must show, whatever else it has not met yet.
    private static readonly string[] Always =
    [
        "cyborg_api_request_duration_seconds", "cyborg_api_active_requests", "cyborg_bus_call_duration_seconds", "cyborg_bus_served_duration_seconds",
        "cyborg_bus_in_flight", "cyborg_conductor_bind_step_duration_seconds", "cyborg_conductor_report_duration_seconds",
        "cyborg_conductor_heartbeat_write_duration_seconds", "cyborg_conductor_heartbeats_total", "cyborg_conductor_cache_reads_total",
        "cyborg_conductor_nova_events_total", "cyborg_conductor_outbox_length", "cyborg_conductor_outbox_age_seconds", "cyborg_conductor_hosts",
        "cyborg_agent_driver_duration_seconds", "cyborg_agent_report_duration_seconds", "cyborg_agent_lease", "cyborg_agent_devices",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_metric_of_the_rooms_is_in_the_document_and_the_other_way_round()
    {
        var published = new ConcurrentBag<Row>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Cyborg.", StringComparison.Ordinal))
                published.Add(new Row(instrument.Name, Kind(instrument), instrument.Unit ?? ""));
        };
        // What nothing has touched yet measures nothing yet.
        foreach (var type in AppDomain.CurrentDomain.GetAssemblies().Where(IsRoom).SelectMany(room => room.GetTypes()).Where(type => type.Name.EndsWith("Metrics", StringComparison.Ordinal)))
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        listener.Start();
        Assert.Equal(Documented().Select(row => row.Row).Order(), published.Distinct().Order());
    }

    [Fact]
    public async Task What_a_scrape_of_the_running_service_shows_is_in_the_document_with_its_name_and_kind()
    {
        await service.BindAsync(null, Stop);
        var names = Documented().ToDictionary(row => row.Prometheus, row => row.Row.Kind switch
        {
            "histogram" => "histogram",
            "counter" => "counter",
            _ => "gauge",
        });
        // Outbox and leases are looked at every few seconds, the heartbeat's write a moment after it.
        Dictionary<string, string> shown = [];
        await ObservedService.UntilAsync(
            async () =>
            {
                var text = await service.Client.GetStringAsync("/metrics", Stop);
                shown = Types().Matches(text).Where(match => match.Groups["name"].Value != "target_info")
                    .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["kind"].Value);
                return !Always.Except(shown.Keys).Any();
            },
            Stop);
        Assert.Empty(shown.Keys.Except(names.Keys));
        Assert.All(shown, one => Assert.Equal((one.Key, names[one.Key]), (one.Key, one.Value)));
    }

    [Fact]
    public async Task Requests_are_counted_by_route_and_not_by_path()
    {
        await service.Client.GetAsync($"/v2/devices/{Guid.NewGuid()}", Stop);
        await service.Client.GetAsync($"/v1/nothing/{Guid.NewGuid():N}", Stop);
        var text = "";
        await ObservedService.UntilAsync(
            async () =>
            {
                text = await service.Client.GetStringAsync("/metrics", Stop);
                return text.Contains("""method="GET",route="/v2/devices/{uuid}",status="404"}""", StringComparison.Ordinal)
                    && text.Contains("""method="GET",route="none",status="404"}""", StringComparison.Ordinal);
            },
            Stop);
        Assert.DoesNotContain("/v1/nothing", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_behind_a_proxy_reads_metrics()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");
        using var answer = await service.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static bool IsRoom(Assembly assembly) =>
        assembly.GetName().Name is { } name && name.StartsWith("Cyborg.", StringComparison.Ordinal) && !name.Contains("Tests", StringComparison.Ordinal)
        && !name.Contains("TestServers", StringComparison.Ordinal);

    private static string Kind(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram" : name.StartsWith("Counter", StringComparison.Ordinal) ? "counter" : "gauge";
    }

    private static List<(Row Row, string Prometheus)> Documented()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "doc", "observability.md")))
            folder = folder.Parent;
        var rows = Rows().Matches(File.ReadAllText(Path.Combine(folder.FullName, "doc", "observability.md")));
        return [.. rows.Select(match => (new Row(match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["unit"].Value), match.Groups["prometheus"].Value))];
    }

    [GeneratedRegex(@"(?m)^# TYPE (?<name>\S+) (?<kind>\S+)\s*$")]
    private static partial Regex Types();

    [GeneratedRegex(@"(?m)^\| `(?<name>cyborg\.[a-z_.]+)` \| `(?<prometheus>[a-z_]+)` \| (?<kind>histogram|counter|gauge) \| (?<unit>\S+) \|")]
    private static partial Regex Rows();

    private sealed record Row(string Name, string Kind, string Unit) : IComparable<Row>
    {
        public int CompareTo(Row? other) => string.CompareOrdinal(ToString(), other?.ToString());
    }
}
