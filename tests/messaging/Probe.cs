using System.Threading.Channels;

namespace Cyborg.Messaging.Tests;

/// <summary>For a machine that stands still for a while: what is slow is neither lost nor sent again.</summary>
internal static class Patience
{
    /// <summary>How long a test waits for what must come before it fails.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(2);

    /// <summary>Less than a call's 60 s, and apart from each other.</summary>
    public static readonly BusOptions Options = new() { PartTimeout = TimeSpan.FromSeconds(30), AttemptTimeout = TimeSpan.FromSeconds(40) };
}

/// <summary>Collects what a subscription hands out.</summary>
internal sealed class Probe
{
    private readonly Channel<TransportMessage> _messages = Channel.CreateUnbounded<TransportMessage>();

    public int Count => _messages.Reader.Count;

    public void Take(TransportMessage message) => _messages.Writer.TryWrite(message);

    public async Task<TransportMessage> NextAsync() =>
        await _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience.Most, TestContext.Current.CancellationToken);

    public async Task<string> NextTextAsync() => System.Text.Encoding.UTF8.GetString((await NextAsync()).Payload.Span);
}

/// <summary>Loses or delays what one connection sends, whatever the transport is.</summary>
internal sealed class UnreliableTransport(IBusTransport inner, Func<TransportMessage, Delivery> fate) : IBusTransport
{
    public int MaxPayload => inner.MaxPayload;

    public string InboxPrefix => inner.InboxPrefix;

    public TimeSpan? ConnectedFor => inner.ConnectedFor;

    public async ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var delivery = fate(new TransportMessage(subject, replyTo, payload, false));
        if (delivery.IsLost)
            return;
        if (delivery.Until is { } until)
            _ = PublishLaterAsync(until, subject, replyTo, payload.ToArray());
        else
            await inner.PublishAsync(subject, replyTo, payload, cancellationToken);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(subject, queueGroup, onMessage, cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribePromptAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken) =>
        inner.SubscribePromptAsync(subject, queueGroup, onMessage, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task PublishLaterAsync(Task until, string subject, string? replyTo, byte[] payload)
    {
        await until;
        await inner.PublishAsync(subject, replyTo, payload, CancellationToken.None);
    }
}

/// <summary>Treats every consumer as one that never waits.</summary>
internal sealed class PromptTransport(IBusTransport inner) : IBusTransport
{
    public int MaxPayload => inner.MaxPayload;

    public string InboxPrefix => inner.InboxPrefix;

    public TimeSpan? ConnectedFor => inner.ConnectedFor;

    public ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        inner.PublishAsync(subject, replyTo, payload, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken) =>
        inner.SubscribePromptAsync(subject, queueGroup, onMessage, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
