using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

/// <summary>What calls do over every transport; each implementation has a subclass. The rest of the class is in the files beside this one.</summary>
public abstract partial class CallContract : IAsyncLifetime
{
    /// <summary>Small frames, so that little data is split already.</summary>
    private static readonly BusOptions SmallFrames = Patience.Options with { FrameBytes = 16 * 1024, CreditWindow = 3 };

    private readonly Stack<IAsyncDisposable> _open = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out var opened))
            await opened.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new connection to the one bus of this test.</summary>
    protected abstract ValueTask<IBusTransport> OpenAsync();

    private async Task<IBusTransport> ConnectAsync(Func<TransportMessage, Delivery>? fate = null)
    {
        var connection = await OpenAsync();
        _open.Push(connection);
        return fate is null ? connection : new UnreliableTransport(connection, fate);
    }

    private async Task<BusClient> ClientAsync(
        BusOptions? options = null, TimeProvider? time = null, Func<TransportMessage, Delivery>? fate = null)
    {
        var client = new BusClient(
            await ConnectAsync(fate), options ?? Patience.Options, NullLoggerFactory.Instance, time ?? TimeProvider.System);
        _open.Push(client);
        return client;
    }

    private async Task<BusServer> ServerAsync(
        Action<BusServer> map, BusOptions? options = null, TimeProvider? time = null, Func<TransportMessage, Delivery>? fate = null)
    {
        var server = new BusServer(
            await ConnectAsync(fate), options ?? Patience.Options, NullLoggerFactory.Instance, time ?? TimeProvider.System);
        map(server);
        await server.StartAsync(Token);
        _open.Push(server);
        return server;
    }

    private static Task<Answered> EchoAsync(Question question, CallContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new Answered(question.Text));

    private static async Task<FaultException> FaultOf(Task call) => await Assert.ThrowsAsync<FaultException>(() => call);

    private static CallContext Within(TimeSpan left) => new() { TimeLeft = left, RequestId = "req-test" };

    /// <summary>Completes once; for handlers and fates that tell the test where they are.</summary>
    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsFrame(TransportMessage message, FrameKind kind, int sequence) =>
        Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame.Kind == kind && frame.Sequence == sequence;

    [Fact]
    public async Task A_call_carries_body_and_context_there_and_a_reply_back()
    {
        CallContext? seen = null;
        await ServerAsync(server => server.Map(TestVerbs.Ask, (question, context, _) =>
        {
            seen = context;
            return Task.FromResult(new Answered(question.Text + "!"));
        }));
        var client = await ClientAsync();
        var context = new CallContext
        {
            Caller = new Caller { UserId = "u", ProjectId = "p", IsAdmin = true, IsService = true },
            RequestId = "req-1",
            GlobalRequestId = "req-2",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            TimeLeft = TimeSpan.FromSeconds(60),
        };
        var reply = await client.CallAsync(TestVerbs.Ask, new Question("häl\"lo"), context, cancellationToken: Token);
        Assert.Equal("häl\"lo!", reply.Text);
        Assert.NotNull(seen);
        Assert.InRange(seen.TimeLeft, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(context with { TimeLeft = seen.TimeLeft }, seen);
    }

    [Fact]
    public async Task A_mutating_call_gets_an_idempotency_id_and_keeps_the_one_it_has()
    {
        var seen = new List<Guid?>();
        await ServerAsync(server => server.Map(TestVerbs.Change, (question, context, _) =>
        {
            seen.Add(context.IdempotencyId);
            return Task.FromResult(new Answered(""));
        }));
        var client = await ClientAsync();
        var own = Guid.NewGuid();
        await client.CallAsync(TestVerbs.Change, new Question(""), new CallContext(), cancellationToken: Token);
        await client.CallAsync(TestVerbs.Change, new Question(""), new CallContext { IdempotencyId = own }, cancellationToken: Token);
        Assert.NotNull(seen[0]);
        Assert.Equal(own, seen[1]);
    }

    [Fact]
    public async Task Without_a_server_the_caller_is_told_at_once()
    {
        var client = await ClientAsync(time: new ManualTime());
        var fault = await FaultOf(client.CallAsync(TestVerbs.Change, new Question(""), new CallContext(), cancellationToken: Token));
        Assert.Equal(FaultCode.NoResponder, fault.Code);
    }

    [Fact]
    public async Task The_host_is_taken_from_the_subject()
    {
        await ServerAsync(server => server.Map(TestVerbs.Report, (_, context, _) => Task.FromResult(new Answered(context.Host ?? "none"))));
        var client = await ClientAsync();
        foreach (var host in new[] { "compute-1", "compute-1.example.org", "a.*.>", "höst one" })
        {
            // The context's own host is not sent.
            var context = new CallContext { Host = "forged" };
            Assert.Equal(host, (await client.CallAsync(TestVerbs.Report, new Question(""), context, host, Token)).Text);
        }
    }

    [Fact]
    public async Task A_host_in_the_frame_is_ignored_and_a_token_that_is_none_is_refused()
    {
        await ServerAsync(server => server.Map(TestVerbs.Report, (_, context, _) => Task.FromResult(new Answered(context.Host ?? "none"))));
        var raw = await ConnectAsync();
        var inbox = new Probe();
        await raw.SubscribeAsync(raw.InboxPrefix + ".r", null, inbox.Take, Token);
        var header = """{"call":"6f0d2c8e-6a1f-4f0e-9f57-0d8f9a4a5b1c","size":11,"remaining_ms":60000,"host":"forged"}"""u8.ToArray();
        var frame = new Frame(FrameKind.Call, true, 0, header, """{"text":""}"""u8.ToArray()).ToArray();
        await raw.PublishAsync("cyborg.host.h1.test.report", raw.InboxPrefix + ".r", frame, Token);
        Assert.Equal(FrameCheck.Good, Frame.Read((await inbox.NextAsync()).Payload, out var reply));
        Assert.Equal("""{"text":"h1"}"""u8.ToArray(), reply.Body.ToArray());
        // =68 is the letter h, which stands for itself: a second name for one host.
        await raw.PublishAsync("cyborg.host.=681.test.report", raw.InboxPrefix + ".r", frame, Token);
        Assert.Equal(FaultCode.ProtocolError, FaultIn(await inbox.NextAsync()).Code);
    }

    [Fact]
    public async Task An_agent_hears_its_own_host_only()
    {
        await ServerAsync(server => server.Map(TestVerbs.Install, (_, _, _) => Task.FromResult(new Answered("one")), ownHost: "host.1"));
        await ServerAsync(server => server.Map(TestVerbs.Install, (_, _, _) => Task.FromResult(new Answered("two")), ownHost: "host.2"));
        var client = await ClientAsync();
        Assert.Equal("one", (await client.CallAsync(TestVerbs.Install, new Question(""), new CallContext(), "host.1", Token)).Text);
        Assert.Equal("two", (await client.CallAsync(TestVerbs.Install, new Question(""), new CallContext(), "host.2", Token)).Text);
        var fault = await FaultOf(client.CallAsync(TestVerbs.Install, new Question(""), new CallContext(), "host", Token));
        Assert.Equal(FaultCode.NoResponder, fault.Code);
    }

    [Fact]
    public async Task An_intended_fault_crosses_with_code_and_text()
    {
        await ServerAsync(server => server.Map<Question, Answered>(
            TestVerbs.Ask, (_, _, _) => throw new FaultException(FaultCode.ArqNotFound, "ARQ ü42 is not there.")));
        var client = await ClientAsync();
        var fault = await FaultOf(client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token));
        Assert.Equal((FaultCode.ArqNotFound, "ARQ ü42 is not there."), (fault.Code, fault.Message));
    }

    [Fact]
    public async Task A_very_long_fault_text_is_cut_and_crosses_even_in_small_frames()
    {
        await ServerAsync(
            server => server.Map<Question, Answered>(
                TestVerbs.Ask, (_, _, _) => throw new FaultException(FaultCode.InvalidInput, new string('\u0001', 100_000))),
            SmallFrames);
        var client = await ClientAsync(SmallFrames);
        var fault = await FaultOf(client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token));
        Assert.Equal(FaultCode.InvalidInput, fault.Code);
        Assert.InRange(fault.Message.Length, 1000, 5000);
    }

    [Fact]
    public async Task Any_other_exception_stays_opaque_and_names_the_request()
    {
        await ServerAsync(server => server.Map<Question, Answered>(
            TestVerbs.Ask, (_, _, _) => throw new InvalidOperationException("password=hunter2")));
        var client = await ClientAsync();
        var fault = await FaultOf(client.CallAsync(
            TestVerbs.Ask, new Question(""), new CallContext { RequestId = "req-77" }, cancellationToken: Token));
        Assert.Equal(FaultCode.Internal, fault.Code);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
        Assert.Contains("req-77", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundreds_of_calls_at_once_each_get_their_own_answer()
    {
        await ServerAsync(
            server =>
            {
                server.Map(TestVerbs.Ask, async (question, _, _) =>
                {
                    await Task.Yield();
                    return new Answered(question.Text);
                });
                server.Map(TestVerbs.Change, EchoAsync);
            },
            Patience.Options with { Pool = new PoolOptions(16, 1000) });
        BusClient[] clients = [await ClientAsync(), await ClientAsync()];
        var calls = Enumerable.Range(0, 800).Select(async i =>
        {
            var verb = i % 3 == 0 ? TestVerbs.Change : TestVerbs.Ask;
            return (await clients[i % 2].CallAsync(verb, new Question($"{i}"), new CallContext(), cancellationToken: Token)).Text;
        });
        Assert.Equal(Enumerable.Range(0, 800).Select(i => $"{i}"), await Task.WhenAll(calls));
    }

    private static FaultException FaultIn(TransportMessage message)
    {
        Assert.Equal(FrameCheck.Good, Frame.Read(message.Payload, out var frame));
        Assert.Equal(FrameKind.Reply, frame.Kind);
        var fault = EnvelopeHeader.Read(frame.Header)?.ToFault();
        Assert.NotNull(fault);
        return fault;
    }
}
