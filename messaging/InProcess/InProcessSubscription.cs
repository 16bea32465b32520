using System.Buffers;

namespace Cyborg.Messaging;

/// <summary>One subscription on an in-process bus.</summary>
internal sealed class InProcessSubscription : IAsyncDisposable
{
    private readonly InProcessBus _bus;
    private readonly MessagePump _pump;

    /// <summary>Starts handing out.</summary>
    public InProcessSubscription(InProcessBus bus, string subject, string? queueGroup, Action<TransportMessage> onMessage)
    {
        (_bus, Subject, QueueGroup) = (bus, subject, queueGroup);
        var limits = new PumpLimits(bus.Options.MaxPendingMessages, bus.Options.MaxPendingBytes);
        _pump = new MessagePump(subject, onMessage, limits, bus.Drops.Add, bus.Logger);
    }

    public string Subject { get; }

    public string? QueueGroup { get; }

    /// <summary>Queues a copy of the message, or drops it when too much waits already.</summary>
    public void Enqueue(in TransportMessage message) => _pump.Enqueue(message, new ReadOnlySequence<byte>(message.Payload));

    /// <summary>Stops listening. What waits is still handed out.</summary>
    public ValueTask DisposeAsync() => EndAsync(abandon: false);

    /// <summary>Stops listening and returns when the consumer's last call has returned, unless that call is the one that stops it.</summary>
    public ValueTask EndAsync(bool abandon)
    {
        _bus.Remove(this);
        if (abandon)
            _pump.Abandon();
        return _pump.EndAsync();
    }
}
