using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>How much may wait for one subscription; more is dropped.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Bytes">Bytes of their payloads.</param>
internal readonly record struct PumpLimits(int Messages, long Bytes);

/// <summary>For any consumer: its own bounded queue and its own task, so that a slow one loses messages and holds up nobody else.</summary>
internal sealed class MessagePump : HandOver
{
    private readonly string _subject;
    private readonly Action<TransportMessage> _onMessage;
    private readonly PumpLimits _limits;
    private readonly Action<string> _dropped;
    private readonly ILogger _logger;
    private readonly Channel<TransportMessage> _pending =
        Channel.CreateUnbounded<TransportMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _pump;
    private long _pendingMessages;
    private long _pendingBytes;
    private int _consumerThread;
    private volatile bool _abandoned;

    /// <summary>Starts handing out.</summary>
    /// <param name="subject">What the subscription listens on, for logs.</param>
    /// <param name="onMessage">The consumer; called for one message at a time.</param>
    /// <param name="limits">How much may wait.</param>
    /// <param name="dropped">Is told the subject of each message that is dropped.</param>
    /// <param name="logger">Where a consumer's failures are told.</param>
    public MessagePump(string subject, Action<TransportMessage> onMessage, PumpLimits limits, Action<string> dropped, ILogger logger)
    {
        (_subject, _onMessage, _limits, _dropped, _logger) = (subject, onMessage, limits, dropped, logger);
        // The pump outlives the call that subscribes and must not carry its trace or locals along.
        using (ExecutionContext.SuppressFlow())
            _pump = Task.Run(PumpAsync);
    }

    /// <summary>Queues the message, or drops it when too much waits already.</summary>
    /// <inheritdoc/>
    public override void Enqueue(in TransportMessage message, in ReadOnlySequence<byte> payload)
    {
        var size = payload.Length;
        var fits = Interlocked.Increment(ref _pendingMessages) <= _limits.Messages;
        fits &= Interlocked.Add(ref _pendingBytes, size) <= _limits.Bytes;
        if (fits && _pending.Writer.TryWrite(message with { Payload = payload.ToArray() }))
            return;
        Interlocked.Decrement(ref _pendingMessages);
        Interlocked.Add(ref _pendingBytes, -size);
        if (!fits)
            _dropped(_subject);
    }

    /// <inheritdoc/>
    public override void Complete() => _pending.Writer.TryComplete();

    /// <inheritdoc/>
    public override void Abandon()
    {
        _abandoned = true;
        Complete();
    }

    /// <inheritdoc/>
    public override async ValueTask EndAsync()
    {
        Complete();
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
            Log.ConsumerFailed(_logger, exception, _subject);
        }
        finally
        {
            Volatile.Write(ref _consumerThread, 0);
        }
    }
}
