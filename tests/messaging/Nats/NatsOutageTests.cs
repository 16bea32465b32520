using System.Collections.Concurrent;
using Cyborg.Model;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

/// <summary>A bus that goes away and comes back.</summary>
public sealed class NatsOutageTests : IAsyncLifetime
{
    private readonly Stack<IAsyncDisposable> _open = new();
    private readonly LogList _logs = new();
    private NatsServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _open.Push(_server = await NatsServer.RequireAsync(cancellation: Token));

    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out var opened))
            await opened.DisposeAsync();
        _logs.Dispose();
    }

    private NatsTransportOptions Options(NatsSettings? settings = null) =>
        NatsTransportOptions.Parse($"nats://{_server.Address}", settings ?? new NatsSettings()) with
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
        };

    private async Task<NatsTransport> ConnectAsync(TimeProvider? time = null, NatsTransportOptions? options = null)
    {
        var transport = await NatsTransport.ConnectAsync(options ?? Options(), _logs, time ?? TimeProvider.System, Token);
        _open.Push(transport);
        return transport;
    }

    /// <summary>Both are connected again, and the server knows their subscriptions.</summary>
    private static async Task BackAsync(NatsTransport serving, NatsTransport asking)
    {
        await Eventually.HoldsAsync(() => serving.ConnectedFor is not null && asking.ConnectedFor is not null);
        await serving.FlushAsync(Token);
        await asking.FlushAsync(Token);
    }

    private BusClient Client(IBusTransport transport, BusOptions? options = null, TimeProvider? time = null)
    {
        var client = new BusClient(transport, options ?? Patience.Options, NullLoggerFactory.Instance, time ?? TimeProvider.System);
        _open.Push(client);
        return client;
    }

    private async Task ServeAsync(
        IBusTransport transport, Func<Question, CallContext, CancellationToken, Task<Answered>> handler, BusOptions? options = null)
    {
        var server = new BusServer(transport, options ?? Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        server.Map(TestVerbs.Change, handler);
        await server.StartAsync(Token);
        _open.Push(server);
    }

    private static Task<Answered> EchoAsync(Question question, CallContext context, CancellationToken cancellationToken) =>
        Task.FromResult(new Answered(question.Text));

    private static CallContext Within(double seconds) => new() { TimeLeft = TimeSpan.FromSeconds(seconds), RequestId = "req-test" };

    private static async Task<Answered> AskAsync(BusClient client, string text, double seconds = 120) =>
        await client.CallAsync(TestVerbs.Change, new Question(text), Within(seconds), cancellationToken: Token);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_succeed_again_when_the_server_is_back(bool killed)
    {
        var time = new ManualTime();
        var (serving, asking) = (await ConnectAsync(time), await ConnectAsync(time));
        await ServeAsync(serving, EchoAsync);
        var client = Client(asking);
        Assert.Equal("before", (await AskAsync(client, "before")).Text);
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(TimeSpan.FromMinutes(3), asking.ConnectedFor);

        await (killed ? _server.KillAsync() : _server.StopAsync());
        await Eventually.HoldsAsync(() => serving.ConnectedFor is null && asking.ConnectedFor is null);
        var during = Enumerable.Range(0, 20).Select(i => AskAsync(client, $"during {i}")).ToArray();
        Assert.DoesNotContain(during, call => call.IsCompleted);
        await _server.StartAgainAsync(Token);

        // The asking end may be back first: then it is told that nobody serves. That is an answer, too.
        foreach (var call in during)
        {
            try
            {
                Assert.StartsWith("during", (await call).Text, StringComparison.Ordinal);
            }
            catch (FaultException fault)
            {
                Assert.Equal(FaultCode.NoResponder, fault.Code);
            }
        }
        await BackAsync(serving, asking);
        Assert.Equal("after", (await AskAsync(client, "after")).Text);
        await Eventually.HoldsAsync(() => asking.ConnectedFor == TimeSpan.Zero && _logs.Count("The bus is connected") == 4);
        Assert.Equal(2, _logs.Count("The bus is lost"));
    }

    [Fact]
    public async Task A_call_in_an_outage_ends_at_its_deadline()
    {
        var transport = await ConnectAsync();
        var client = Client(transport);
        await Assert.ThrowsAsync<FaultException>(() => AskAsync(client, "nobody serves"));
        await _server.KillAsync();
        await Eventually.HoldsAsync(() => transport.ConnectedFor is null);
        var fault = await Assert.ThrowsAsync<FaultException>(() => AskAsync(client, "x", 0.2));
        Assert.Equal(FaultCode.DeadlineExceeded, fault.Code);
    }

    [Fact]
    public async Task A_mutating_call_whose_reply_was_lost_with_the_bus_is_sent_again_with_its_id()
    {
        var (time, options, lost) = (new ManualTime(), new BusOptions(), new TaskCompletionSource());
        var seen = new List<Guid?>();
        var (serving, asking) = (await ConnectAsync(), await ConnectAsync());
        await ServeAsync(
            new UnreliableTransport(serving, _ => lost.TrySetResult() ? Delivery.Lost : Delivery.Normal),
            (_, context, _) =>
            {
                seen.Add(context.IdempotencyId);
                return Task.FromResult(new Answered($"{seen.Count}"));
            });
        var call = Client(asking, options, time)
            .CallAsync(TestVerbs.Change, new Question(""), Within(60), cancellationToken: Token);
        await lost.Task;
        await _server.KillAsync();
        await Eventually.HoldsAsync(() => serving.ConnectedFor is null && asking.ConnectedFor is null);
        await _server.StartAgainAsync(Token);
        await BackAsync(serving, asking);
        await time.TimerSet(options.AttemptTimeout);
        time.Advance(options.AttemptTimeout);
        Assert.Equal("2", (await call).Text);
        Assert.NotNull(seen[0]);
        Assert.Equal(seen[0], seen[1]);
    }

    [Fact]
    public async Task A_call_whose_work_was_done_in_the_outage_is_answered_after_it()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var seen = new ConcurrentQueue<Guid?>();
        var (serving, asking) = (await ConnectAsync(), await ConnectAsync());
        await ServeAsync(serving, async (_, context, _) =>
        {
            seen.Enqueue(context.IdempotencyId);
            entered.TrySetResult();
            await release.Task;
            return new Answered("done");
        });
        // The reply goes out as soon as the serving end is back. If the asking end is not, it is lost and asked for again.
        var client = Client(asking, new BusOptions { AttemptTimeout = TimeSpan.FromSeconds(1) });
        var call = AskAsync(client, "x");
        await entered.Task;
        await _server.KillAsync();
        await Eventually.HoldsAsync(() => serving.ConnectedFor is null && asking.ConnectedFor is null);
        release.SetResult();
        await _server.StartAgainAsync(Token);
        Assert.Equal("done", (await call).Text);
        Assert.Single(seen.Distinct());
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 30)]
    [InlineData(false, 2)]
    [InlineData(false, 30)]
    public async Task A_split_transfer_over_a_restart_is_whole_or_a_fault(bool request, int part)
    {
        var options = new BusOptions { PartTimeout = TimeSpan.FromSeconds(1), AttemptTimeout = TimeSpan.FromSeconds(2) };
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Delivery Watch(TransportMessage message)
        {
            if (Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame.Kind == FrameKind.Part && frame.Sequence == part)
                reached.TrySetResult();
            return Delivery.Normal;
        }
        Delivery Pass(TransportMessage message) => Delivery.Normal;
        var (serving, asking) = (await ConnectAsync(), await ConnectAsync());
        await ServeAsync(new UnreliableTransport(serving, request ? Pass : Watch), EchoAsync, options);
        var client = Client(new UnreliableTransport(asking, request ? Watch : Pass), options);
        var text = new string('x', 32 * 1024 * 1024);
        var call = AskAsync(client, text, 20);
        // A machine that stands still may end the call before that part; it is still whole or a fault.
        await Task.WhenAny(reached.Task, call);
        await _server.KillAsync();
        await _server.StartAgainAsync(Token);
        try
        {
            Assert.True(text == (await call).Text);
        }
        catch (FaultException fault)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{fault.Code}: {fault.Message}");
        }
        await BackAsync(serving, asking);
        Assert.Equal("next", (await AskAsync(client, "next")).Text);
    }

    [Fact]
    public async Task At_start_a_server_is_waited_for_or_not()
    {
        await _server.StopAsync();
        var hasty = Options(new NatsSettings { WaitForServer = false });
        var fault = await Assert.ThrowsAsync<BusConnectionException>(() => ConnectAsync(options: hasty));
        Assert.Contains(_server.Address, fault.Message, StringComparison.Ordinal);
        var patient = ConnectAsync();
        await Eventually.HoldsAsync(() => _logs.Has("attempt 2"));
        await _server.StartAgainAsync(Token);
        Assert.NotNull((await patient).ConnectedFor);
    }

    [Fact]
    public async Task Waiting_at_start_can_be_given_up()
    {
        await _server.StopAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var connecting = NatsTransport.ConnectAsync(Options(), _logs, TimeProvider.System, giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task A_connection_can_be_closed_in_an_outage()
    {
        var transport = await ConnectAsync();
        var subscription = await transport.SubscribeAsync("a", null, _ => { }, Token);
        await transport.SubscribeAsync("b", null, _ => { }, Token);
        await _server.KillAsync();
        await Eventually.HoldsAsync(() => transport.ConnectedFor is null);
        var publishing = transport.PublishAsync("c", null, new byte[1], CancellationToken.None).AsTask();
        await subscription.DisposeAsync();
        await transport.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => publishing);
        Assert.Null(transport.ConnectedFor);
    }

    [Fact]
    public async Task A_subscription_that_was_given_up_in_an_outage_is_not_restored()
    {
        var (serving, asking) = (await ConnectAsync(), await ConnectAsync());
        var subscription = await serving.SubscribeAsync("work", "g", _ => { }, Token);
        var inbox = new Probe();
        await asking.SubscribeAsync(asking.InboxPrefix + ".r", null, inbox.Take, Token);
        await _server.KillAsync();
        await Eventually.HoldsAsync(() => serving.ConnectedFor is null && asking.ConnectedFor is null);
        await subscription.DisposeAsync();
        await _server.StartAgainAsync(Token);
        await BackAsync(serving, asking);
        await asking.PublishAsync("work", asking.InboxPrefix + ".r", new byte[1], Token);
        Assert.True((await inbox.NextAsync()).NoResponders);
    }

    [Fact]
    public async Task A_subscription_that_is_given_up_while_the_bus_breaks_is_not_restored()
    {
        var (serving, asking) = (await ConnectAsync(), await ConnectAsync());
        var inbox = new Probe();
        await asking.SubscribeAsync(asking.InboxPrefix + ".r", null, inbox.Take, Token);
        for (var round = 0; round < 8; round++)
        {
            var subscription = await serving.SubscribeAsync("work", "g", _ => { }, Token);
            var dying = _server.KillAsync();
            await Task.Delay(Random.Shared.Next(4), Token);
            var givingUp = subscription.DisposeAsync();
            await dying;
            await _server.StartAgainAsync(Token);
            await givingUp;
            // A later subscription is in force, so whatever was restored before is, too.
            await (await serving.SubscribeAsync("other", null, _ => { }, Token)).DisposeAsync();
            await (await asking.SubscribeAsync("other", null, _ => { }, Token)).DisposeAsync();
            await asking.PublishAsync("work", asking.InboxPrefix + ".r", new byte[1], Token);
            Assert.True((await inbox.NextAsync()).NoResponders);
        }
    }

    [Fact]
    public async Task A_slow_consumer_loses_messages_which_are_counted_and_told()
    {
        var receiver = await ConnectAsync(options: Options() with { MaxPendingMessages = 3 });
        var sender = await ConnectAsync();
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var slow = new Probe();
        await receiver.SubscribeAsync(
            "s",
            null,
            message =>
            {
                entered.TrySetResult();
                gate.Wait();
                slow.Take(message);
            },
            Token);
        await sender.PublishAsync("s", null, new byte[10], Token);
        await entered.Task;
        for (var i = 0; i < 5; i++)
            await sender.PublishAsync("s", null, new byte[10], Token);
        await Eventually.HoldsAsync(() => receiver.Dropped == 2);
        Assert.True(_logs.Has("Error A slow consumer of s"));
        gate.Set();
        for (var i = 0; i < 4; i++)
            await slow.NextAsync();
        Assert.Equal(0, slow.Count);
    }
}
