using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>What stands between a transport's read loop and one subscription's consumer.</summary>
internal abstract class HandOver
{
    /// <summary>Hands on a message, with a copy of its payload.</summary>
    /// <param name="message">All but its payload, which is ignored.</param>
    /// <param name="payload">The bytes, still the transport's own.</param>
    public abstract void Enqueue(in TransportMessage message, in ReadOnlySequence<byte> payload);

    /// <summary>Takes no more messages; what waits is still handed out.</summary>
    public abstract void Complete();

    /// <summary>Hands out nothing more.</summary>
    public abstract void Abandon();

    /// <summary>Takes no more messages and returns when the consumer's last call has returned, unless that call is the one that waits.</summary>
    public abstract ValueTask EndAsync();
}

/// <summary>For a consumer that never waits: calls it in the read loop.</summary>
/// <param name="subject">What the subscription listens on, for logs.</param>
/// <param name="onMessage">The consumer; called for one message at a time.</param>
/// <param name="logger">Where a consumer's failures are told.</param>
internal sealed class PromptHandOver(string subject, Action<TransportMessage> onMessage, ILogger logger) : HandOver
{
    // Held while the consumer runs. A read loop is one thread at a time anyway, but for the moment of a reconnect.
    private readonly Lock _turn = new();
    private volatile bool _over;

    /// <inheritdoc/>
    public override void Enqueue(in TransportMessage message, in ReadOnlySequence<byte> payload)
    {
        lock (_turn)
        {
            if (_over)
                return;
            try
            {
                onMessage(message with { Payload = payload.ToArray() });
            }
            catch (Exception exception)
            {
                Log.ConsumerFailed(logger, exception, subject);
            }
        }
    }

    /// <inheritdoc/>
    public override void Complete() => _over = true;

    /// <inheritdoc/>
    public override void Abandon() => _over = true;

    /// <inheritdoc/>
    public override ValueTask EndAsync()
    {
        _over = true;
        // A consumer that ends its own subscription holds the lock already, and gets it again.
        lock (_turn)
            return ValueTask.CompletedTask;
    }
}
