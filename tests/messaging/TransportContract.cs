using System.Text;

namespace Cyborg.Messaging.Tests;

/// <summary>What every transport must do; each implementation has a subclass.</summary>
public abstract class TransportContract : IAsyncLifetime
{
    private readonly List<IBusTransport> _connections = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new connection to the one bus of this test.</summary>
    protected abstract ValueTask<IBusTransport> OpenAsync();

    private async Task<IBusTransport> ConnectAsync()
    {
        var connection = await OpenAsync();
        _connections.Add(connection);
        return connection;
    }

    private static ValueTask SendAsync(IBusTransport from, string subject, string text, string? replyTo = null) =>
        from.PublishAsync(subject, replyTo, Encoding.UTF8.GetBytes(text), Token);

    private static async Task<Probe> ListenAsync(IBusTransport on, string subject, string? group = null)
    {
        var probe = new Probe();
        await on.SubscribeAsync(subject, group, probe.Take, Token);
        return probe;
    }

    [Fact]
    public async Task A_message_arrives_with_its_subject_reply_address_and_bytes()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var probe = await ListenAsync(receiver, "a.b");
        await SendAsync(sender, "a.b", "hello", "back.here");
        var message = await probe.NextAsync();
        Assert.Equal(("a.b", "back.here", false), (message.Subject, message.ReplyTo, message.NoResponders));
        Assert.Equal("hello"u8.ToArray(), message.Payload.ToArray());
    }

    [Fact]
    public async Task A_connection_hears_itself()
    {
        var connection = await ConnectAsync();
        var probe = await ListenAsync(connection, "self");
        await SendAsync(connection, "self", "me");
        Assert.Equal("me", await probe.NextTextAsync());
    }

    [Fact]
    public async Task The_senders_buffer_may_be_reused_after_the_publish()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var probe = await ListenAsync(receiver, "copy");
        var buffer = "first"u8.ToArray();
        await sender.PublishAsync("copy", null, buffer, Token);
        "SECND"u8.CopyTo(buffer);
        Assert.Equal("first", await probe.NextTextAsync());
    }

    [Theory]
    [InlineData("a.*.c", "a.b.c", true)]
    [InlineData("a.*.c", "a.b.d", false)]
    [InlineData("a.*", "a.b.c", false)]
    [InlineData("a.*", "a", false)]
    [InlineData("a.>", "a.b.c", true)]
    [InlineData("a.>", "a", false)]
    [InlineData(">", "a.b", true)]
    [InlineData("a.b", "a.b.c", false)]
    [InlineData("a.b.c", "a.b", false)]
    [InlineData("A.b", "a.b", false)]
    public async Task A_wildcard_hears_what_it_matches(string pattern, string subject, bool heard)
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var probe = new Probe();
        await receiver.SubscribeAsync(pattern, null, probe.Take, Token);
        await using var inbox = await sender.SubscribeAsync(sender.InboxPrefix + ".x", null, probe.Take, Token);
        await SendAsync(sender, subject, "hit", pattern == ">" ? null : sender.InboxPrefix + ".x");
        Assert.Equal(heard, !(await probe.NextAsync()).NoResponders);
    }

    [Fact]
    public async Task Each_queue_group_gets_a_message_once_and_spreads_them()
    {
        const int Messages = 200;
        var sender = await ConnectAsync();
        Probe[] group = [await ListenAsync(await ConnectAsync(), "work.*", "g"), await ListenAsync(await ConnectAsync(), "work.now", "g")];
        var other = await ListenAsync(await ConnectAsync(), "work.now", "h");
        var everyone = await ListenAsync(await ConnectAsync(), "work.now");
        for (var i = 0; i < Messages; i++)
            await SendAsync(sender, "work.now", $"{i}");
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", await other.NextTextAsync());
            Assert.Equal($"{i}", await everyone.NextTextAsync());
        }
        while (group.Sum(probe => probe.Count) < Messages)
            await Task.Yield();
        Assert.Equal(Messages, group.Sum(probe => probe.Count));
        Assert.All(group, probe => Assert.InRange(probe.Count, 1, Messages - 1));
    }

    [Fact]
    public async Task Nobody_listening_is_told_at_once()
    {
        var connection = await ConnectAsync();
        var inbox = connection.InboxPrefix + ".q";
        var probe = await ListenAsync(connection, inbox);
        await SendAsync(connection, "nobody.home", "?", inbox);
        var message = await probe.NextAsync();
        Assert.True(message.NoResponders);
        Assert.Equal((inbox, 0), (message.Subject, message.Payload.Length));
    }

    [Fact]
    public async Task Without_a_reply_address_nobody_is_told()
    {
        var connection = await ConnectAsync();
        var probe = await ListenAsync(connection, connection.InboxPrefix + ".>");
        await SendAsync(connection, "nobody.home", "?");
        await SendAsync(connection, connection.InboxPrefix + ".x", "next");
        Assert.Equal("next", await probe.NextTextAsync());
    }

    [Fact]
    public async Task Messages_of_one_publisher_arrive_in_order()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var probe = await ListenAsync(receiver, "order.*");
        for (var i = 0; i < 2000; i++)
            await SendAsync(sender, $"order.{i % 3}", $"{i}");
        for (var i = 0; i < 2000; i++)
            Assert.Equal($"{i}", await probe.NextTextAsync());
    }

    [Fact]
    public async Task The_largest_payload_passes_and_one_byte_more_is_refused()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var probe = await ListenAsync(receiver, "big");
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await sender.PublishAsync("big", null, new byte[sender.MaxPayload + 1], Token));
        await sender.PublishAsync("big", null, new byte[sender.MaxPayload], Token);
        Assert.Equal(sender.MaxPayload, (await probe.NextAsync()).Payload.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a b")]
    [InlineData("a.*")]
    [InlineData("a.>")]
    public async Task A_bad_subject_is_refused(string subject)
    {
        var connection = await ConnectAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await SendAsync(connection, subject, "x"));
    }

    [Fact]
    public async Task A_disposed_subscription_hears_no_more()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var (gone, inbox) = (new Probe(), await ListenAsync(sender, sender.InboxPrefix + ".q"));
        var subscription = await receiver.SubscribeAsync("news", null, gone.Take, Token);
        await subscription.DisposeAsync();
        await SendAsync(sender, "news", "late", sender.InboxPrefix + ".q");
        Assert.True((await inbox.NextAsync()).NoResponders);
        Assert.Equal(0, gone.Count);
    }

    [Fact]
    public async Task What_has_arrived_is_handed_out_before_the_dispose_completes()
    {
        var connection = await ConnectAsync();
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new Probe();
        var subscription = await connection.SubscribeAsync(
            "drain",
            null,
            message =>
            {
                entered.TrySetResult();
                gate.Wait();
                probe.Take(message);
            },
            Token);
        // A second listener, which the first may not hold up, proves that all have arrived.
        var witness = await ListenAsync(await ConnectAsync(), "drain");
        for (var i = 0; i < 3; i++)
            await SendAsync(connection, "drain", $"{i}");
        await entered.Task;
        for (var i = 0; i < 3; i++)
            await witness.NextAsync();
        var disposing = subscription.DisposeAsync();
        gate.Set();
        await disposing;
        Assert.Equal(3, probe.Count);
    }

    [Fact]
    public async Task A_closed_connection_listens_and_speaks_no_more()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        var inbox = await ListenAsync(sender, sender.InboxPrefix + ".q");
        await ListenAsync(receiver, "news");
        await receiver.DisposeAsync();
        await SendAsync(sender, "news", "x", sender.InboxPrefix + ".q");
        Assert.True((await inbox.NextAsync()).NoResponders);
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(async () => await SendAsync(receiver, "news", "x"));
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(async () => await receiver.SubscribeAsync("news", null, _ => { }, Token));
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(async () => await receiver.FlushAsync(Token));
    }

    [Fact]
    public async Task After_a_flush_the_bus_has_what_was_published_whoever_listens()
    {
        var (sender, receiver) = (await ConnectAsync(), await ConnectAsync());
        await SendAsync(sender, "nobody.listens", "x");
        await sender.FlushAsync(Token);
        var probe = await ListenAsync(receiver, "somebody.listens");
        for (var n = 0; n < 200; n++)
            await SendAsync(sender, "somebody.listens", $"{n}");
        await sender.FlushAsync(Token);
        // The bus hands out in its own time, but all of it.
        for (var n = 0; n < 200; n++)
            Assert.Equal($"{n}", await probe.NextTextAsync());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sender.FlushAsync(cancelled.Token));
    }

    [Fact]
    public async Task A_consumer_that_throws_keeps_its_subscription()
    {
        var connection = await ConnectAsync();
        var probe = new Probe();
        await connection.SubscribeAsync(
            "rough",
            null,
            message =>
            {
                probe.Take(message);
                throw new InvalidOperationException("a consumer's mistake");
            },
            Token);
        await SendAsync(connection, "rough", "1");
        await SendAsync(connection, "rough", "2");
        Assert.Equal("1", await probe.NextTextAsync());
        Assert.Equal("2", await probe.NextTextAsync());
    }

    [Fact]
    public async Task Inbox_prefixes_differ() =>
        Assert.NotEqual((await ConnectAsync()).InboxPrefix, (await ConnectAsync()).InboxPrefix);
}
