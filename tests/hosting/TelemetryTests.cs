using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Cyborg.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Trace;

namespace Cyborg.Hosting.Tests;

/// <summary>Options of traces and metrics, who may read them, and what is served and sampled.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void By_default_nothing_is_traced_and_no_port_is_opened()
    {
        var options = Read("");
        Assert.False(options.Traces);
        Assert.Null(options.Listen);
        Assert.True(options.Allowed.Contains(IPAddress.Loopback));
        Assert.False(options.Allowed.Contains(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_collector_turns_traces_on_by_the_file_or_by_its_own_variable()
    {
        Assert.Equal(new Uri("http://collector:4317"), Read("[tracing]\nendpoint = http://collector:4317\n") is { Traces: true } options ? options.Endpoint : null);
        Assert.True(Read("", ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x:4317")) is { Traces: true, Endpoint: null });
        Assert.False(Read("[tracing]\nendpoint = http://collector:4317\n", ("OTEL_SDK_DISABLED", "true")).Traces);
    }

    [Fact]
    public void All_faults_are_told_at_once_and_none_shows_a_password()
    {
        var fault = Assert.Throws<ConfigException>(() => Read(
            "[tracing]\nendpoint = http://user:hidden@x\nsample_ratio = 2\n[metrics]\nlisten = somewhere\nallowed_source_ranges = 10.0.0.0/8, x\n"));
        Assert.Equal(4, fault.Faults.Count);
        Assert.DoesNotContain("hidden", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("::ffff:127.0.0.1", null, true)]
    [InlineData("::1", null, true)]
    [InlineData("10.1.2.3", null, false)]
    [InlineData("127.0.0.1", "X-Forwarded-For", false)]
    [InlineData("127.0.0.1", "X-Original-For", false)]
    [InlineData("127.0.0.1", "Forwarded", false)]
    public void Who_comes_through_a_proxy_may_be_anybody(string address, string? header, bool allowed)
    {
        List<string> faults = [];
        var ranges = SourceRanges.Parse(["127.0.0.0/8", "::1"], "here", faults);
        Assert.Empty(faults);
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        if (header is not null)
            http.Request.Headers[header] = "127.0.0.1";
        Assert.Equal(allowed, ranges.Contains(http));
    }

    [Fact]
    public async Task The_monitorings_port_serves_metrics_with_bounds_in_seconds_and_each_check_by_its_name()
    {
        using var meter = new Meter($"Cyborg.Test{Guid.NewGuid():N}");
        var duration = meter.CreateHistogram<double>("cyborg.test.duration", "s", "A test.");
        var other = meter.CreateCounter<long>("cyborg.test.things", "{thing}", "Things.");
        var health = new HealthRegistry();
        health.Register("bus", () => null);
        health.Register("service", () => "is starting");
        await using var listener = await MetricsListener.StartAsync("cyborg-test", new IPEndPoint(IPAddress.Loopback, 0), health, NullLoggerFactory.Instance, Token);
        duration.Record(0.02, new KeyValuePair<string, object?>("step", "one"));
        other.Add(3);
        using var client = new HttpClient { BaseAddress = listener.Address };
        var text = await client.GetStringAsync("/metrics", Token);
        Assert.Contains("# TYPE cyborg_test_duration_seconds histogram", text, StringComparison.Ordinal);
        Assert.Contains("cyborg_test_duration_seconds_bucket{step=\"one\",le=\"0.025\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("cyborg_test_duration_seconds_bucket{step=\"one\",le=\"0.01\"} 0", text, StringComparison.Ordinal);
        Assert.True(text.Contains("cyborg_test_things_total{} 3", StringComparison.Ordinal), text);
        using var answer = await client.GetAsync("/healthcheck", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("bus: OK\nservice: is starting", await answer.Content.ReadAsStringAsync(Token));
        health.Register("service", () => null);
        using var well = await client.GetAsync("/healthcheck", Token);
        Assert.Equal(HttpStatusCode.OK, well.StatusCode);
        using var none = await client.GetAsync("/anything", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public void Requests_and_jobs_begin_traces_and_looks_for_work_do_not()
    {
        using var source = new ActivitySource($"Cyborg.Test{Guid.NewGuid():N}");
        using var provider = Tracing.Builder("cyborg-test").Build();
        using (var heartbeat = source.StartActivity("host.heartbeat", ActivityKind.Client))
            Assert.False(heartbeat?.Recorded ?? false);
        using (var job = source.StartActivity(Tracing.JobPrefix + "attach"))
        {
            Assert.True(job!.Recorded);
            using var child = source.StartActivity("anything");
            Assert.True(child!.Recorded);
            Assert.Equal(job.TraceId, child.TraceId);
        }
        using var followed = source.StartActivity("anything", ActivityKind.Server, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Assert.True(followed!.Recorded);
        using var untold = source.StartActivity("anything", ActivityKind.Server, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
        Assert.False(untold?.Recorded ?? false);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1/traces")]
    public async Task Traces_reach_a_collector_under_the_path_that_it_expects(string path)
    {
        var taken = new TaskCompletionSource<(string Path, string? Type, byte[] Body)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, Token);
            if (body.Length > 0)
                taken.TrySetResult((http.Request.Path, http.Request.ContentType, body.ToArray()));
        });
        await collector.StartAsync(Token);
        // What is slow when it is done for the first time is done before the exporter's own limit counts.
        using (var client = new HttpClient())
            (await client.GetAsync(collector.Urls.Single(), Token)).Dispose();
        var options = Read($"[tracing]\nendpoint = {collector.Urls.Single()}{path}\nprotocol = http/protobuf\n");
        using var source = new ActivitySource($"Cyborg.Test{Guid.NewGuid():N}");
        using (var provider = Tracing.Start("cyborg-traced", options))
        {
            using (var job = source.StartActivity(Tracing.JobPrefix + "attach"))
                Assert.True(job!.Recorded);
            // What waits is sent; ending the provider does that, too, and gives it less time.
            provider!.ForceFlush();
        }
        var (at, type, sent) = await taken.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
        Assert.Equal(("/v1/traces", "application/x-protobuf"), (at, type));
        var text = System.Text.Encoding.Latin1.GetString(sent);
        Assert.Contains("cyborg-traced", text, StringComparison.Ordinal);
        Assert.Contains("job attach", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_of_the_doctor_is_asked_once_in_a_while_and_its_words_stay_inside()
    {
        var asked = 0;
        var time = new SteppedTime();
        var health = new HealthRegistry();
        health.Register(
            new Doctor.DoctorCheck("Keystone", _ =>
            {
                asked++;
                return Task.FromResult(Doctor.DoctorFinding.Failure("https://inside:5000 answers 500", "look"));
            }),
            time);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var result = Assert.Single((await health.CheckAsync(Token)).Results);
            Assert.Equal(("keystone", false), (result.Name, result.IsOk));
            Assert.DoesNotContain("inside", result.Reason, StringComparison.Ordinal);
        }
        Assert.Equal(1, asked);
        time.Advance(20);
        await health.CheckAsync(Token);
        Assert.Equal(2, asked);
    }

    private static TelemetryOptions Read(string text, params (string Name, string Value)[] environment) => TelemetryOptions.From(
        CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], TelemetryOptions.All),
        name => environment.FirstOrDefault(one => one.Name == name).Value);

    private sealed class SteppedTime : TimeProvider
    {
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);
    }
}
