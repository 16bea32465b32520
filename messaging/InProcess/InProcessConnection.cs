using System.Collections.Concurrent;

namespace Cyborg.Messaging;

/// <summary>One connection of an <see cref="InProcessBus"/>.</summary>
internal sealed class InProcessConnection(InProcessBus bus) : IBusTransport
{
    private readonly ConcurrentDictionary<InProcessSubscription, bool> _subscriptions = new();
    private readonly long _since = bus.Time.GetTimestamp();
    private volatile bool _disposed;

    public int MaxPayload => bus.Options.MaxPayload;

    public string InboxPrefix { get; } = $"_INBOX.{Guid.NewGuid():N}";

    public TimeSpan? ConnectedFor => _disposed ? null : bus.Time.GetElapsedTime(_since);

    public ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        SubjectPattern.Check(subject, wildcards: false);
        if (replyTo is not null)
            SubjectPattern.Check(replyTo, wildcards: false);
        if (payload.Length > MaxPayload)
            throw new ArgumentException($"The payload has {payload.Length} bytes; {MaxPayload} are allowed.", nameof(payload));
        bus.Publish(new TransportMessage(subject, replyTo, payload, NoResponders: false));
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        SubjectPattern.Check(subject, wildcards: true);
        var subscription = new InProcessSubscription(bus, subject, queueGroup, onMessage);
        _subscriptions[subscription] = true;
        bus.Add(subscription);
        if (_disposed)
            await subscription.EndAsync(abandon: true).ConfigureAwait(false);
        return new Handle(this, subscription);
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var (subscription, _) in _subscriptions)
        {
            _subscriptions.TryRemove(subscription, out _);
            await subscription.EndAsync(abandon: true).ConfigureAwait(false);
        }
    }

    private sealed class Handle(InProcessConnection connection, InProcessSubscription subscription) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            connection._subscriptions.TryRemove(subscription, out _);
            return subscription.DisposeAsync();
        }
    }
}
