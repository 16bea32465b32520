using System.Collections.Concurrent;
using Cyborg.Model;

namespace Cyborg.Messaging.Tests;

public abstract partial class CallContract
{
    private static string Text(int length, char first = 'a') =>
        string.Create(length, first, static (span, first) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('a' + ((i / 7 + first) % 26));
        });

    [Fact]
    public async Task Sixty_four_MiB_pass_each_way()
    {
        await ServerAsync(server => server.Map(TestVerbs.Change, EchoAsync));
        var client = await ClientAsync();
        var text = Text(64 * 1024 * 1024);
        var reply = await client.CallAsync(TestVerbs.Change, new Question(text), new CallContext(), cancellationToken: Token);
        Assert.True(text == reply.Text);
    }

    [Fact]
    public async Task Every_size_around_the_frame_limit_passes()
    {
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync), SmallFrames);
        var client = await ClientAsync(SmallFrames);
        foreach (var length in Enumerable.Range(0, 24).Select(i => (16 * 1024) - 300 + (i * 16)).Concat([32 * 1024, 48 * 1024, 100_000]))
        {
            var text = Text(length);
            Assert.True(text == (await client.CallAsync(TestVerbs.Ask, new Question(text), new CallContext(), cancellationToken: Token)).Text);
        }
    }

    [Fact]
    public async Task No_frame_is_larger_than_the_limits()
    {
        var sizes = new ConcurrentBag<int>();
        Delivery Note(TransportMessage message)
        {
            sizes.Add(message.Payload.Length);
            return Delivery.Normal;
        }
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync), fate: Note);
        var client = await ClientAsync(fate: Note);
        var text = Text(3_000_000);
        await client.CallAsync(TestVerbs.Ask, new Question(text), new CallContext(), cancellationToken: Token);
        Assert.InRange(sizes.Max(), 1, 512 * 1024);
    }

    [Fact]
    public async Task Split_calls_of_two_servers_stay_whole()
    {
        var served = new int[2];
        for (var i = 0; i < 2; i++)
        {
            var me = i;
            await ServerAsync(
                server => server.Map(TestVerbs.Change, (question, _, _) =>
                {
                    Interlocked.Increment(ref served[me]);
                    return Task.FromResult(new Answered(question.Text));
                }),
                SmallFrames);
        }
        var client = await ClientAsync(SmallFrames);
        var calls = Enumerable.Range(0, 60).Select(async i =>
        {
            var text = Text(150_000 + i, (char)i);
            var reply = await client.CallAsync(TestVerbs.Change, new Question(text), new CallContext(), cancellationToken: Token);
            Assert.True(text == reply.Text);
        });
        await Task.WhenAll(calls);
        Assert.Equal(60, served.Sum());
        Assert.All(served, count => Assert.InRange(count, 1, 59));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_lost_part_of_a_request_is_a_fault(int part)
    {
        var runs = 0;
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, (_, _, _) =>
            {
                runs++;
                return Task.FromResult(new Answered(""));
            }),
            SmallFrames);
        var client = await ClientAsync(
            SmallFrames, fate: message => IsFrame(message, FrameKind.Part, part) ? Delivery.Lost : Delivery.Normal);
        var call = client.CallAsync(TestVerbs.Ask, new Question(Text(120_000)), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.ProtocolError, (await FaultOf(call)).Code);
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task A_lost_last_part_of_a_request_is_a_fault_after_a_bounded_wait()
    {
        var (time, lost) = (new ManualTime(), Signal());
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync), SmallFrames, time);
        var client = await ClientAsync(SmallFrames, fate: message => LoseLastPart(message, lost));
        var call = client.CallAsync(TestVerbs.Ask, new Question(Text(120_000)), new CallContext(), cancellationToken: Token);
        await lost.Task;
        time.Advance(SmallFrames.PartTimeout);
        Assert.Equal(FaultCode.ProtocolError, (await FaultOf(call)).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_lost_part_of_a_reply_is_a_fault_and_no_short_answer(int part)
    {
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, (_, _, _) => Task.FromResult(new Answered(Text(120_000)))),
            SmallFrames,
            fate: message => IsFrame(message, FrameKind.Part, part) ? Delivery.Lost : Delivery.Normal);
        var client = await ClientAsync(SmallFrames);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.ProtocolError, (await FaultOf(call)).Code);
    }

    [Fact]
    public async Task A_lost_last_part_of_a_reply_is_a_fault_after_a_bounded_wait()
    {
        var (time, lost) = (new ManualTime(), Signal());
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, (_, _, _) => Task.FromResult(new Answered(Text(120_000)))),
            SmallFrames,
            fate: message => LoseLastPart(message, lost));
        var client = await ClientAsync(SmallFrames, time);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        await lost.Task;
        time.Advance(SmallFrames.PartTimeout);
        Assert.Equal(FaultCode.ProtocolError, (await FaultOf(call)).Code);
    }

    [Fact]
    public async Task A_lost_first_frame_of_a_split_reply_is_asked_for_again()
    {
        var (time, serverTime, lost) = (new ManualTime(), new ManualTime(), Signal());
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, (_, _, _) => Task.FromResult(new Answered(Text(120_000)))),
            SmallFrames,
            serverTime,
            message => IsFrame(message, FrameKind.Reply, 0) && lost.TrySetResult() ? Delivery.Lost : Delivery.Normal);
        var client = await ClientAsync(SmallFrames, time);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        await lost.Task;
        // The server waits for a credit that can't come.
        await serverTime.TimerSet(SmallFrames.PartTimeout);
        serverTime.Advance(SmallFrames.PartTimeout);
        await time.TimerSet(SmallFrames.AttemptTimeout);
        time.Advance(SmallFrames.AttemptTimeout);
        Assert.Equal(120_000, (await call).Text.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_caller_that_gives_up_ends_a_split_reply_at_once(int parts)
    {
        var (held, reached) = (Signal(), Signal());
        var server = await ServerAsync(
            one => one.Map(TestVerbs.Ask, (_, _, _) => Task.FromResult(new Answered(Text(500_000)))),
            SmallFrames,
            // A clock that stands: the server would wait for credits for ever.
            new ManualTime(),
            message => IsFrame(message, parts == 0 ? FrameKind.Reply : FrameKind.Part, parts) && reached.TrySetResult()
                ? Delivery.Late(held.Task)
                : Delivery.Normal);
        var client = await ClientAsync(SmallFrames);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: giveUp.Token);
        await reached.Task;
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        held.SetResult();
        await server.DisposeAsync().AsTask().WaitAsync(Patience.Most, Token);
    }

    [Fact]
    public async Task A_sender_waits_for_credit()
    {
        var parts = 0;
        var held = Signal();
        var third = Signal();
        await ServerAsync(
            server => server.Map(TestVerbs.Ask, EchoAsync),
            SmallFrames,
            // The first credit passes, the next ones are held back.
            fate: message => IsCredit(message) && Volatile.Read(ref parts) > 0 ? Delivery.Late(held.Task) : Delivery.Normal);
        var client = await ClientAsync(SmallFrames, fate: message =>
        {
            if (Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame.Kind == FrameKind.Part
                && Interlocked.Increment(ref parts) == SmallFrames.CreditWindow)
                third.SetResult();
            return Delivery.Normal;
        });
        var text = Text(200_000);
        var call = client.CallAsync(TestVerbs.Ask, new Question(text), new CallContext(), cancellationToken: Token);
        await third.Task;
        Assert.False(call.IsCompleted);
        Assert.Equal(SmallFrames.CreditWindow, Volatile.Read(ref parts));
        held.SetResult();
        Assert.True(text == (await call).Text);
    }

    [Fact]
    public async Task Over_the_size_limit_a_request_is_not_sent_and_a_reply_is_a_fault()
    {
        var small = Patience.Options with { MaxMessageBytes = 50_000, FrameBytes = 16 * 1024 };
        await ServerAsync(server => server.Map(TestVerbs.Ask, (question, _, _) => Task.FromResult(new Answered(question.Text + question.Text))), small);
        var (equal, generous) = (await ClientAsync(small), await ClientAsync(SmallFrames));
        foreach (var (client, length) in new[] { (equal, 60_000), (generous, 60_000), (equal, 30_000), (generous, 30_000) })
        {
            var call = client.CallAsync(TestVerbs.Ask, new Question(Text(length)), new CallContext(), cancellationToken: Token);
            Assert.Equal(FaultCode.MessageTooLarge, (await FaultOf(call)).Code);
        }
        Assert.Equal(40_000, (await equal.CallAsync(TestVerbs.Ask, new Question(Text(20_000)), new CallContext(), cancellationToken: Token)).Text.Length);
    }

    [Fact]
    public async Task A_client_refuses_a_reply_over_its_own_limit()
    {
        await ServerAsync(server => server.Map(TestVerbs.Ask, (_, _, _) => Task.FromResult(new Answered(Text(60_000)))), SmallFrames);
        var client = await ClientAsync(SmallFrames with { MaxMessageBytes = 50_000 });
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.MessageTooLarge, (await FaultOf(call)).Code);
    }

    [Fact]
    public async Task Half_received_requests_are_bounded_in_memory_and_expire()
    {
        var time = new ManualTime();
        var options = SmallFrames with { MaxMessageBytes = 100_000, ReceiveBufferBytes = 100_000, BusyDelay = TimeSpan.FromMilliseconds(1) };
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync), options, time);
        var raw = await ConnectAsync();
        var inbox = new Probe();
        await raw.SubscribeAsync(raw.InboxPrefix + ".r", null, inbox.Take, Token);
        var header = EnvelopeHeader.ForCall(Guid.NewGuid(), new CallContext(), TimeSpan.FromMinutes(1)) with { Size = 90_000 };
        await raw.PublishAsync(
            TestVerbs.Ask.Subject(), raw.InboxPrefix + ".r", new Frame(FrameKind.Call, false, 0, header.ToBytes(), new byte[10]).ToArray(), Token);
        Assert.True(IsCredit(await inbox.NextAsync()));

        var client = await ClientAsync(options);
        var refused = client.CallAsync(TestVerbs.Ask, new Question(Text(50_000)), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.Busy, (await FaultOf(refused)).Code);

        time.Advance(options.PartTimeout);
        Assert.Equal(FaultCode.ProtocolError, FaultIn(await inbox.NextAsync()).Code);
        var reply = await client.CallAsync(TestVerbs.Ask, new Question(Text(50_000)), new CallContext(), cancellationToken: Token);
        Assert.Equal(50_000, reply.Text.Length);
    }

    private static bool IsCredit(TransportMessage message) =>
        Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame.Kind == FrameKind.Credit;

    private static Delivery LoseLastPart(TransportMessage message, TaskCompletionSource lost) =>
        Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame is { Kind: FrameKind.Part, Last: true } && lost.TrySetResult()
            ? Delivery.Lost
            : Delivery.Normal;
}
