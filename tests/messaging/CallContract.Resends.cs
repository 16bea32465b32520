using System.Collections.Concurrent;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public abstract partial class CallContract
{
    [Fact]
    public async Task No_answer_within_the_time_left_is_a_fault_and_cancels_the_handler()
    {
        var time = new ManualTime();
        var (entered, cancelled) = (Signal(), Signal());
        await ServerAsync(
            server => server.Map<Question, Answered>(TestVerbs.Ask, async (_, _, token) =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
                throw new OperationCanceledException(token);
            }),
            time: time);
        var client = await ClientAsync(time: time);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), Within(TimeSpan.FromSeconds(3)), cancellationToken: Token);
        await entered.Task;
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(FaultCode.DeadlineExceeded, (await FaultOf(call)).Code);
        await cancelled.Task;
    }

    [Fact]
    public async Task With_no_time_left_nothing_is_sent()
    {
        var client = await ClientAsync(fate: _ => throw new InvalidOperationException("sent"));
        var fault = await FaultOf(client.CallAsync(TestVerbs.Ask, new Question(""), Within(TimeSpan.Zero), cancellationToken: Token));
        Assert.Equal(FaultCode.DeadlineExceeded, fault.Code);
    }

    [Fact]
    public async Task A_real_deadline_ends_a_call_that_nobody_answers()
    {
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync), fate: _ => Delivery.Lost);
        var client = await ClientAsync();
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), Within(TimeSpan.FromMilliseconds(30)), cancellationToken: Token);
        Assert.Equal(FaultCode.DeadlineExceeded, (await FaultOf(call)).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_reply_is_asked_for_again_with_the_same_ids(bool mutating)
    {
        var (time, options, lost) = (new ManualTime(), new BusOptions(), Signal());
        var seen = new ConcurrentQueue<CallContext>();
        var verb = mutating ? TestVerbs.Change : TestVerbs.Ask;
        await ServerAsync(
            server => server.Map(verb, (question, context, _) =>
            {
                seen.Enqueue(context);
                return Task.FromResult(new Answered($"{seen.Count}"));
            }),
            fate: _ => lost.TrySetResult() ? Delivery.Lost : Delivery.Normal);
        var client = await ClientAsync(options, time);
        var whole = TimeSpan.FromMinutes(10);
        var call = client.CallAsync(verb, new Question(""), Within(whole), cancellationToken: Token);
        await lost.Task;
        await time.TimerSet(options.AttemptTimeout);
        time.Advance(options.AttemptTimeout);
        Assert.Equal("2", (await call).Text);
        Assert.Equal(mutating, seen.First().IdempotencyId is not null);
        Assert.Single(seen.Select(context => context.IdempotencyId).Distinct());
        // The deadline is the whole call's.
        Assert.InRange(seen.Last().TimeLeft, whole * 0.6, whole - options.AttemptTimeout);
    }

    [Fact]
    public async Task A_lost_request_is_sent_again()
    {
        var (time, options, lost) = (new ManualTime(), new BusOptions(), Signal());
        await ServerAsync(server => server.Map(TestVerbs.Change, EchoAsync));
        var client = await ClientAsync(options, time, _ => lost.TrySetResult() ? Delivery.Lost : Delivery.Normal);
        var call = client.CallAsync(TestVerbs.Change, new Question("x"), new CallContext(), cancellationToken: Token);
        await time.TimerSet(options.AttemptTimeout);
        time.Advance(options.AttemptTimeout);
        Assert.Equal("x", (await call).Text);
    }

    [Fact]
    public async Task A_late_reply_to_the_first_attempt_still_counts()
    {
        var (time, options) = (new ManualTime(), new BusOptions());
        var (held, replied, resent, calls) = (Signal(), Signal(), Signal(), 0);
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, EchoAsync),
            fate: _ => replied.TrySetResult() ? Delivery.Late(held.Task) : Delivery.Lost);
        var client = await ClientAsync(options, time, _ =>
        {
            if (++calls == 2)
                resent.SetResult();
            return Delivery.Normal;
        });
        var call = client.CallAsync(TestVerbs.Ask, new Question("x"), new CallContext(), cancellationToken: Token);
        await replied.Task;
        await time.TimerSet(options.AttemptTimeout);
        time.Advance(options.AttemptTimeout);
        await resent.Task;
        held.SetResult();
        Assert.Equal("x", (await call).Text);
    }

    [Fact]
    public async Task A_resend_joins_the_call_in_flight_and_nothing_is_kept()
    {
        var (time, options) = (new ManualTime(), new BusOptions());
        var (entered, release, marker) = (Signal(), Signal(), Signal());
        var runs = 0;
        var server = await ServerAsync(one => one.Map(TestVerbs.Change, async (question, _, _) =>
        {
            if (question.Text == "marker")
            {
                marker.SetResult();
                return new Answered("");
            }
            entered.TrySetResult();
            var run = Interlocked.Increment(ref runs);
            await release.Task;
            return new Answered($"run {run}");
        }));
        var client = await ClientAsync(options, time);
        var call = client.CallAsync(TestVerbs.Change, new Question("x"), new CallContext(), cancellationToken: Token);
        await entered.Task;
        await time.TimerSet(options.AttemptTimeout);
        time.Advance(options.AttemptTimeout);
        // Sent again, it is waited for anew.
        await time.TimerSet(options.AttemptTimeout);
        // Messages of one connection stay in order: when the marker runs, the re-send was taken in.
        await client.CallAsync(TestVerbs.Change, new Question("marker"), new CallContext(), cancellationToken: Token);
        await marker.Task;
        Assert.Equal(1, server.InFlight);
        release.SetResult();
        Assert.Equal("run 1", (await call).Text);
        Assert.Equal(1, runs);
        Assert.Equal(0, server.InFlight);
    }

    [Fact]
    public async Task Two_callers_with_one_idempotency_id_share_one_run_and_both_are_answered()
    {
        var (entered, release) = (Signal(), Signal());
        var runs = 0;
        await ServerAsync(server => server.Map(TestVerbs.Change, async (question, _, _) =>
        {
            if (question.Text != "marker")
            {
                Interlocked.Increment(ref runs);
                entered.TrySetResult();
                await release.Task;
            }
            return new Answered(question.Text);
        }));
        var (first, second) = (await ClientAsync(), await ClientAsync());
        // A client's first call opens its inbox; from then on its calls go out in order.
        await second.CallAsync(TestVerbs.Change, new Question("marker"), new CallContext(), cancellationToken: Token);
        var context = new CallContext { IdempotencyId = Guid.NewGuid() };
        var one = first.CallAsync(TestVerbs.Change, new Question("x"), context, cancellationToken: Token);
        await entered.Task;
        var two = second.CallAsync(TestVerbs.Change, new Question("x"), context, cancellationToken: Token);
        await second.CallAsync(TestVerbs.Change, new Question("marker"), new CallContext(), cancellationToken: Token);
        release.SetResult();
        Assert.Equal(("x", "x"), ((await one).Text, (await two).Text));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task One_idempotency_id_of_two_hosts_is_two_calls()
    {
        var (entered, release) = (Signal(), Signal());
        await ServerAsync(server => server.Map(TestVerbs.Report, async (_, context, _) =>
        {
            if (context.Host == "h1")
            {
                entered.SetResult();
                await release.Task;
            }
            return new Answered(context.Host!);
        }));
        var client = await ClientAsync();
        var context = new CallContext { IdempotencyId = Guid.NewGuid() };
        var first = client.CallAsync(TestVerbs.Report, new Question(""), context, "h1", Token);
        await entered.Task;
        Assert.Equal("h2", (await client.CallAsync(TestVerbs.Report, new Question(""), context, "h2", Token)).Text);
        release.SetResult();
        Assert.Equal("h1", (await first).Text);
    }

    [Fact]
    public async Task Over_a_closed_connection_a_call_is_a_fault()
    {
        var transport = await ConnectAsync();
        await using var used = new BusClient(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        await using var fresh = new BusClient(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        var early = used.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.NoResponder, (await FaultOf(early)).Code);
        await transport.DisposeAsync();
        foreach (var client in new[] { used, fresh })
        {
            var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
            Assert.Equal(FaultCode.Unavailable, (await FaultOf(call)).Code);
        }
    }

    [Fact]
    public async Task A_busy_server_is_asked_once_more_and_then_it_is_a_fault()
    {
        var options = Patience.Options with { Pool = new PoolOptions(1, 1), BusyDelay = TimeSpan.FromMilliseconds(1) };
        var (entered, release) = (Signal(), Signal());
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, async (question, _, _) =>
            {
                entered.TrySetResult();
                await release.Task;
                return new Answered(question.Text);
            }),
            options);
        var sent = 0;
        var (patient, refused) = (await ClientAsync(options), await ClientAsync(options, fate: _ =>
        {
            Interlocked.Increment(ref sent);
            return Delivery.Normal;
        }));
        var running = patient.CallAsync(TestVerbs.Ask, new Question("1"), new CallContext(), cancellationToken: Token);
        await entered.Task;
        var waiting = patient.CallAsync(TestVerbs.Ask, new Question("2"), new CallContext(), cancellationToken: Token);
        // The patient client's third call comes after its second; its refusal proves that both are in.
        var third = patient.CallAsync(TestVerbs.Ask, new Question("3"), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.Busy, (await FaultOf(third)).Code);
        var fourth = refused.CallAsync(TestVerbs.Ask, new Question("4"), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.Busy, (await FaultOf(fourth)).Code);
        release.SetResult();
        Assert.Equal(("1", "2"), ((await running).Text, (await waiting).Text));
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task A_server_that_is_busy_once_answers_the_second_time()
    {
        var raw = await ConnectAsync();
        var calls = 0;
        await raw.SubscribeAsync(
            TestVerbs.Change.Subject(),
            null,
            message =>
            {
                byte[] body = ++calls == 1 ? [] : """{"text":"ok"}"""u8.ToArray();
                var header = calls == 1 ? EnvelopeHeader.ForFault(FaultCode.Busy, "full") : new EnvelopeHeader { Size = body.Length };
                _ = raw.PublishAsync(message.ReplyTo!, null, new Frame(FrameKind.Reply, true, 0, header.ToBytes(), body).ToArray(), default).AsTask();
            },
            Token);
        var client = await ClientAsync(Patience.Options with { BusyDelay = TimeSpan.FromMilliseconds(1) });
        Assert.Equal("ok", (await client.CallAsync(TestVerbs.Change, new Question(""), new CallContext(), cancellationToken: Token)).Text);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_pool_that_is_full_does_not_starve_another()
    {
        var options = Patience.Options with
        {
            Pools = new Dictionary<string, PoolOptions> { ["reports"] = new(1, 0) },
            BusyDelay = TimeSpan.FromMilliseconds(1),
        };
        var (entered, release) = (Signal(), Signal());
        await ServerAsync(
            server =>
            {
                server.Map(TestVerbs.Ask, EchoAsync);
                server.Map(
                    TestVerbs.Report,
                    async (_, _, _) =>
                    {
                        entered.TrySetResult();
                        await release.Task;
                        return new Answered("reported");
                    },
                    pool: "reports");
            },
            options);
        var client = await ClientAsync(options);
        var report = client.CallAsync(TestVerbs.Report, new Question(""), new CallContext(), "h1", Token);
        await entered.Task;
        var refused = await FaultOf(client.CallAsync(TestVerbs.Report, new Question(""), new CallContext(), "h2", Token));
        Assert.Equal(FaultCode.Busy, refused.Code);
        Assert.Equal("x", (await client.CallAsync(TestVerbs.Ask, new Question("x"), new CallContext(), cancellationToken: Token)).Text);
        release.SetResult();
        Assert.Equal("reported", (await report).Text);
    }

    [Fact]
    public async Task Cancelling_gives_up_at_once()
    {
        var (entered, release) = (Signal(), Signal());
        await ServerAsync(server => server.Map(TestVerbs.Change, async (_, _, _) =>
        {
            entered.SetResult();
            await release.Task;
            return new Answered("");
        }));
        var client = await ClientAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.CallAsync(TestVerbs.Change, new Question(""), new CallContext(), cancellationToken: giveUp.Token);
        await entered.Task;
        await giveUp.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(giveUp.Token, exception.CancellationToken);
        release.SetResult();
    }

    [Fact]
    public async Task Closing_the_client_ends_its_calls()
    {
        var (entered, release) = (Signal(), Signal());
        await ServerAsync(server => server.Map(TestVerbs.Ask, async (_, _, _) =>
        {
            entered.SetResult();
            await release.Task;
            return new Answered("");
        }));
        var client = await ClientAsync();
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        await entered.Task;
        await client.DisposeAsync();
        Assert.Equal(FaultCode.Unavailable, (await FaultOf(call)).Code);
        var late = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.Unavailable, (await FaultOf(late)).Code);
        release.SetResult();
    }
}
