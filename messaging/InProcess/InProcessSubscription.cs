using System.Threading.Channels;

namespace Cyborg.Messaging;

/// <summary>One subscription: its own bounded queue and its own task, so that a slow consumer loses messages and holds up nobody else.</summary>
internal sealed class InProcessSubscription : IAsyncDisposable
{
    private readonly InProcessBus _bus;
    private readonly Action<TransportMessage> _onMessage;
    private readonly Channel<TransportMessage> _pending =
        Channel.CreateUnbounded<TransportMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _pump;
    private long _pendingMessages;
    private long _pendingBytes;
    private int _consumerThread;
    private volatile bool _abandoned;

    /// <summary>Starts handing out.</summary>
    public InProcessSubscription(InProcessBus bus, string subject, string? queueGroup, Action<TransportMessage> onMessage)
    {
        (_bus, Subject, QueueGroup, _onMessage) = (bus, subject, queueGroup, onMessage);
        // The pump outlives the call that subscribes and must not carry its trace or locals along.
        using (ExecutionContext.SuppressFlow())
            _pump = Task.Run(PumpAsync);
    }

    public string Subject { get; }

    public string? QueueGroup { get; }

    /// <summary>Queues a copy of the message, or drops it when too much waits already.</summary>
    public void Enqueue(in TransportMessage message)
    {
        var size = message.Payload.Length;
        var fits = Interlocked.Increment(ref _pendingMessages) <= _bus.Options.MaxPendingMessages;
        fits &= Interlocked.Add(ref _pendingBytes, size) <= _bus.Options.MaxPendingBytes;
        if (fits && _pending.Writer.TryWrite(message with { Payload = message.Payload.ToArray() }))
            return;
        Interlocked.Decrement(ref _pendingMessages);
        Interlocked.Add(ref _pendingBytes, -size);
        if (!fits)
            _bus.CountDrop(Subject);
    }

    /// <summary>Stops listening. What waits is still handed out.</summary>
    public ValueTask DisposeAsync() => EndAsync(abandon: false);

    /// <summary>Stops listening and returns when the consumer's last call has returned, unless that call is the one that stops it.</summary>
    public async ValueTask EndAsync(bool abandon)
    {
        _abandoned |= abandon;
        _bus.Remove(this);
        _pending.Writer.TryComplete();
        if (Volatile.Read(ref _consumerThread) != Environment.CurrentManagedThreadId)
            await _pump.ConfigureAwait(false);
    }

    private async Task PumpAsync()
    {
        await foreach (var message in _pending.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _pendingMessages);
            Interlocked.Add(ref _pendingBytes, -message.Payload.Length);
            if (!_abandoned)
                Consume(message);
        }
    }

    private void Consume(TransportMessage message)
    {
        Volatile.Write(ref _consumerThread, Environment.CurrentManagedThreadId);
        try
        {
            _onMessage(message);
        }
        catch (Exception exception)
        {
            Log.ConsumerFailed(_bus.Logger, exception, Subject);
        }
        finally
        {
            Volatile.Write(ref _consumerThread, 0);
        }
    }
}
