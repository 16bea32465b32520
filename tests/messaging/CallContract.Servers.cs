using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public abstract partial class CallContract
{
    [Fact]
    public async Task Malformed_frames_are_answered_and_the_server_lives()
    {
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync));
        var raw = await ConnectAsync();
        var inbox = new Probe();
        await raw.SubscribeAsync(raw.InboxPrefix + ".r", null, inbox.Take, Token);
        foreach (var bytes in MalformedCalls())
        {
            await raw.PublishAsync(TestVerbs.Ask.Subject(), raw.InboxPrefix + ".r", bytes, Token);
            Assert.Equal(FaultCode.ProtocolError, FaultIn(await inbox.NextAsync()).Code);
        }
        var client = await ClientAsync();
        Assert.Equal("x", (await client.CallAsync(TestVerbs.Ask, new Question("x"), new CallContext(), cancellationToken: Token)).Text);
    }

    private static IEnumerable<byte[]> MalformedCalls()
    {
        var header = EnvelopeHeader.ForCall(Guid.NewGuid(), new CallContext(), TimeSpan.FromMinutes(1));
        var body = """{"text":"x"}"""u8.ToArray();
        byte[] Call(FrameKind kind, bool last, int sequence, byte[] head, byte[] text) => new Frame(kind, last, sequence, head, text).ToArray();
        yield return [];
        yield return "GET / HTTP/1.1"u8.ToArray();
        var good = Call(FrameKind.Call, true, 0, (header with { Size = body.Length }).ToBytes(), body);
        yield return good[..10];
        yield return [.. good[..2], 9, .. good[3..]];
        yield return [.. good[..3], 77, .. good[4..]];
        yield return [.. good[..12], 0xFF, 0xFF, 0xFF, 0x7F, .. good[16..]];
        yield return [.. good[..12], 0xFF, 0xFF, 0xFF, 0xFF, .. good[16..]];
        yield return good[..^1];
        yield return Call(FrameKind.Call, true, 0, "{"u8.ToArray(), body);
        yield return Call(FrameKind.Call, true, 0, "null"u8.ToArray(), body);
        yield return Call(FrameKind.Call, true, 0, (header with { Size = -1 }).ToBytes(), body);
        yield return Call(FrameKind.Call, true, 0, (header with { Size = body.Length, Call = Guid.Empty }).ToBytes(), body);
        yield return Call(FrameKind.Call, false, 0, (header with { Size = 1 }).ToBytes(), body);
        yield return Call(FrameKind.Call, true, 3, (header with { Size = body.Length }).ToBytes(), body);
        yield return Call(FrameKind.Part, true, 1, [], body);
        yield return Call(FrameKind.Credit, true, 1, [], []);
        yield return Call(FrameKind.Reply, true, 0, (header with { Size = body.Length }).ToBytes(), body);
        yield return Call(FrameKind.Call, true, 0, (header with { Size = 4 }).ToBytes(), "null"u8.ToArray());
        yield return Call(FrameKind.Call, true, 0, (header with { Size = 3, Call = Guid.NewGuid() }).ToBytes(), "{]}"u8.ToArray());
    }

    [Fact]
    public async Task Random_bytes_never_stop_a_server_or_a_client()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await ServerAsync(server => server.Map(TestVerbs.Ask, EchoAsync));
        var raw = await ConnectAsync();
        var body = """{"text":"x"}"""u8.ToArray();
        var header = EnvelopeHeader.ForCall(Guid.NewGuid(), new CallContext(), TimeSpan.FromSeconds(9)) with { Size = body.Length };
        var good = new Frame(FrameKind.Call, true, 0, header.ToBytes(), body).ToArray();
        for (var i = 0; i < 2000; i++)
        {
            var bytes = good.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            await raw.PublishAsync(TestVerbs.Ask.Subject(), i % 10 == 0 ? null : raw.InboxPrefix + ".r", bytes, Token);
        }
        // Behind all of them.
        var client = await ClientAsync();
        Assert.Equal("x", (await client.CallAsync(TestVerbs.Ask, new Question("x"), Within(TimeSpan.FromMinutes(5)), cancellationToken: Token)).Text);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("other version")]
    [InlineData("short body")]
    [InlineData("no header")]
    [InlineData("part without a begin")]
    [InlineData("body is no JSON")]
    public async Task A_malformed_reply_is_a_fault(string kind)
    {
        var raw = await ConnectAsync();
        var header = new EnvelopeHeader { Size = 3 }.ToBytes();
        var bytes = kind switch
        {
            "garbage" => "hello"u8.ToArray(),
            "other version" => (byte[])[0xC7, 0x42, 200],
            "short body" => new Frame(FrameKind.Reply, true, 0, header, "{"u8.ToArray()).ToArray(),
            "no header" => new Frame(FrameKind.Reply, true, 0, default, "{}"u8.ToArray()).ToArray(),
            "part without a begin" => new Frame(FrameKind.Part, true, 1, default, "{}"u8.ToArray()).ToArray(),
            _ => new Frame(FrameKind.Reply, true, 0, header, "{]}"u8.ToArray()).ToArray(),
        };
        await raw.SubscribeAsync(TestVerbs.Ask.Subject(), null, call => _ = raw.PublishAsync(call.ReplyTo!, null, bytes, default).AsTask(), Token);
        var client = await ClientAsync();
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.ProtocolError, (await FaultOf(call)).Code);
    }

    [Fact]
    public async Task A_fault_code_of_a_newer_peer_is_an_internal_fault()
    {
        var raw = await ConnectAsync();
        var bytes = new Frame(FrameKind.Reply, true, 0, """{"fault":"OutOfMoon","fault_text":"no moon","new":1}"""u8.ToArray(), default).ToArray();
        await raw.SubscribeAsync(TestVerbs.Ask.Subject(), null, call => _ = raw.PublishAsync(call.ReplyTo!, null, bytes, default).AsTask(), Token);
        var client = await ClientAsync();
        var fault = await FaultOf(client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token));
        Assert.Equal((FaultCode.Internal, "no moon"), (fault.Code, fault.Message));
    }

    [Fact]
    public async Task Disposing_a_server_drains_it()
    {
        var (entered, release) = (Signal(), Signal());
        var server = await ServerAsync(
            one =>
            {
                // In a pool of its own: one that is still taken in while the server stops listening must not wait for the others.
                one.Map(TestVerbs.Ask, EchoAsync, pool: "other");
                one.Map(TestVerbs.Change, async (_, _, token) =>
                {
                    entered.TrySetResult();
                    await release.Task;
                    return new Answered(token.IsCancellationRequested ? "cancelled" : Text(100_000));
                });
            },
            SmallFrames with { Pool = new PoolOptions(1, 10) });
        var client = await ClientAsync(SmallFrames);
        var running = client.CallAsync(TestVerbs.Change, new Question("1"), new CallContext(), cancellationToken: Token);
        await entered.Task;
        var waiting = client.CallAsync(TestVerbs.Change, new Question("2"), new CallContext(), cancellationToken: Token);
        await Eventually.HoldsAsync(() => server.InFlight == 2);
        var disposing = server.DisposeAsync();
        Assert.False(disposing.IsCompleted);
        Assert.Equal(FaultCode.NoResponder, await FirstFaultAsync(client));
        release.SetResult();
        await disposing;
        Assert.Equal((100_000, 100_000), ((await running).Text.Length, (await waiting).Text.Length));
    }

    [Fact]
    public async Task A_server_that_drains_too_long_cancels_its_handlers()
    {
        var (time, options, entered) = (new ManualTime(), new BusOptions(), Signal());
        var server = await ServerAsync(
            one => one.Map<Question, Answered>(TestVerbs.Ask, async (_, _, token) =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return new Answered("");
            }),
            options,
            time);
        var client = await ClientAsync();
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), Within(TimeSpan.FromMinutes(5)), cancellationToken: Token);
        await entered.Task;
        var disposing = server.DisposeAsync().AsTask();
        await time.TimerSet(options.DrainTimeout);
        time.Advance(options.DrainTimeout);
        Assert.Equal(FaultCode.Unavailable, (await FaultOf(call)).Code);
        await disposing;
    }

    [Fact]
    public async Task A_paused_server_is_not_there_and_comes_back()
    {
        var server = await ServerAsync(one => one.Map(TestVerbs.Ask, EchoAsync));
        var client = await ClientAsync();
        await server.PauseAsync(Token);
        var call = client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
        Assert.Equal(FaultCode.NoResponder, (await FaultOf(call)).Code);
        await server.StartAsync(Token);
        await server.StartAsync(Token);
        Assert.Equal("x", (await client.CallAsync(TestVerbs.Ask, new Question("x"), new CallContext(), cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task A_verb_is_mapped_once_and_before_the_start()
    {
        var server = await ServerAsync(one =>
        {
            one.Map(TestVerbs.Ask, EchoAsync);
            Assert.Throws<InvalidOperationException>(() => one.Map(TestVerbs.Ask, EchoAsync));
            Assert.Throws<ArgumentNullException>(() => one.Map(TestVerbs.Install, EchoAsync));
        });
        Assert.Throws<InvalidOperationException>(() => server.Map(TestVerbs.Change, EchoAsync));
    }

    [Fact]
    public async Task Bad_options_name_all_faults()
    {
        var transport = await ConnectAsync();
        var options = new BusOptions { FrameBytes = 1, CreditWindow = 0, PartTimeout = TimeSpan.Zero, Pool = new PoolOptions(0, -1) };
        var exception = Assert.Throws<ArgumentException>(
            () => new BusClient(transport, options, NullLoggerFactory.Instance, TimeProvider.System));
        Assert.Equal(4, exception.Message.Split('\n').Length);
    }

    /// <summary>Asks until a call fails.</summary>
    private static async Task<FaultCode> FirstFaultAsync(BusClient client)
    {
        while (true)
        {
            try
            {
                await client.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token);
            }
            catch (FaultException fault) when (fault.Code != FaultCode.Busy)
            {
                return fault.Code;
            }
        }
    }
}
