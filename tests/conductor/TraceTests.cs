using System.Collections.Concurrent;
using System.Diagnostics;
using Cyborg.Hosting.Telemetry;
using Cyborg.TestServers;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Cyborg.Conductor.Tests;

/// <summary>What a call does in the database shows in the trace of who has made it.</summary>
public sealed class TraceTests
{
    [Theory, EachDatabase]
    public async Task The_statements_of_a_bind_are_in_its_trace_where_the_driver_tells_them(DatabaseKind kind)
    {
        var kept = new Kept();
        using var provider = Tracing.Builder("cyborg-test").AddProcessor(kept).Build();
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var arqs = await conductor.CreateAsync();
        var trace = ActivityTraceId.CreateRandom();
        using (var caller = new Activity("caller").SetParentId(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start())
            await conductor.BindAsync(arqs, "card");
        var spans = kept.Ended.Where(span => span.TraceId == trace).ToList();
        var served = Assert.Single(spans, span => span.DisplayName == "arq.bind" && span.Kind == ActivityKind.Server);
        Assert.Single(spans, span => span.DisplayName == "arq.bind" && span.Kind == ActivityKind.Client);
        var statements = spans.Where(span => span.Source.Name == "Npgsql").ToList();
        if (kind == DatabaseKind.Postgres)
        {
            Assert.Contains(statements, span => span.ParentSpanId == served.SpanId && span.GetTagItem("db.query.text") is string text && text.Contains("UPDATE", StringComparison.Ordinal));
        }
        else
        {
            Assert.Empty(statements);
        }
    }

    [Fact]
    public void Traces_of_binds_are_remembered_for_so_many_and_only_if_they_are_recorded()
    {
        var traces = new Telemetry.BindTraces(most: 2);
        Guid[] arqs = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        using (var unrecorded = new Activity("x").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start())
            traces.Remember(arqs);
        Assert.Null(traces.Of(arqs[0]));
        using var recorded = new Activity("x").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start();
        recorded.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        traces.Remember(arqs);
        traces.Remember(arqs[1..]);
        Assert.Equal([null, recorded.Id, recorded.Id], arqs.Select(traces.Of));
    }

    private sealed class Kept : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = new();

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }
}
