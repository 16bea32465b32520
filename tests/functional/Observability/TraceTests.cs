using System.Collections.Concurrent;
using System.Diagnostics;
using Cyborg.Hosting.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Cyborg.Functional.Tests;

/// <summary>A bind is one trace: from Nova's request over the bus and the work on the host to the word to Nova.</summary>
public sealed class TraceTests(ObservedService service) : IClassFixture<ObservedService>
{
    private static readonly (string Name, ActivityKind Kind)[] Named =
    [
        ("PATCH /v2/accelerator_requests", ActivityKind.Server), ("arq.bind", ActivityKind.Client), ("arq.bind", ActivityKind.Server),
        ("job attach", ActivityKind.Internal), ("handle.attach", ActivityKind.Client), ("handle.attach", ActivityKind.Server),
        ("driver attach", ActivityKind.Internal), ("job tell nova", ActivityKind.Internal),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bind_is_one_trace_over_API_bus_conductor_agent_and_Nova()
    {
        var kept = new Kept();
        using var provider = Tracing.Builder("cyborg-test").AddProcessor(kept).Build();
        var trace = ActivityTraceId.CreateRandom();
        await service.BindAsync($"00-{trace.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01", Stop);
        IEnumerable<Activity> Mine() => kept.Ended.Where(span => span.TraceId == trace);
        // What Nova does with the event is in the trace, too. Which of them ends last is not certain: who has answered may end after those who have heard it.
        // What is missing for good the asserts tell.
        await ObservedService.UntilAsync(() => Named.All(name => Mine().Any(span => (span.DisplayName, span.Kind) == name)) && ToldTo(Mine()), Stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var spans = Mine().ToList();

        Activity One(string name, ActivityKind kind) => Assert.Single(spans, span => span.DisplayName == name && span.Kind == kind);
        var request = One("PATCH /v2/accelerator_requests", ActivityKind.Server);
        Assert.Equal(202, request.GetTagItem("http.response.status_code"));
        Assert.StartsWith("req-", (string)request.GetTagItem("cyborg.request_id")!, StringComparison.Ordinal);
        var asked = One("arq.bind", ActivityKind.Client);
        var served = One("arq.bind", ActivityKind.Server);
        var job = One("job attach", ActivityKind.Internal);
        var ordered = One("handle.attach", ActivityKind.Client);
        var agent = One("handle.attach", ActivityKind.Server);
        var driver = One("driver attach", ActivityKind.Internal);
        var word = One("job tell nova", ActivityKind.Internal);
        var post = Assert.Single(spans, IsPost);
        // Each is the child of what brought it about.
        foreach (var (parent, child) in new[] { (request, asked), (asked, served), (served, job), (job, ordered), (ordered, agent), (agent, driver), (served, word), (word, post) })
            Assert.True(child.ParentSpanId == parent.SpanId, $"{child.DisplayName} ({child.Kind}) is no child of {parent.DisplayName} ({parent.Kind})");
        // And Nova hears in whose trace it is asked.
        Assert.Contains(spans, span => span.Kind == ActivityKind.Server && span.ParentSpanId == post.SpanId);
    }

    private static bool IsPost(Activity span) => span.Kind == ActivityKind.Client && span.Source.Name == "System.Net.Http";

    // Nova's own span.
    private static bool ToldTo(IEnumerable<Activity> spans) =>
        spans.FirstOrDefault(IsPost) is { } post && spans.Any(span => span.Kind == ActivityKind.Server && span.ParentSpanId == post.SpanId);

    [Fact]
    public async Task A_request_that_its_caller_does_not_trace_leaves_nothing_and_neither_does_the_monitoring()
    {
        var kept = new Kept();
        using var provider = Tracing.Builder("cyborg-test").AddProcessor(kept).Build();
        var untraced = ActivityTraceId.CreateRandom();
        await service.BindAsync($"00-{untraced.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-00", Stop);
        Assert.DoesNotContain(kept.Ended, span => span.TraceId == untraced);
        var watched = ActivityTraceId.CreateRandom();
        foreach (var path in new[] { "/healthcheck", "/metrics" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("traceparent", $"00-{watched.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
            using var answer = await service.Client.SendAsync(request, Stop);
            Assert.True(answer.IsSuccessStatusCode);
        }
        Assert.DoesNotContain(kept.Ended, span => span.TraceId == watched && span.Recorded);
    }

    private sealed class Kept : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = new();

        public override void OnEnd(Activity data)
        {
            if (data.Recorded)
                Ended.Enqueue(data);
        }
    }
}
