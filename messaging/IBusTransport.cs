namespace Cyborg.Messaging;

/// <summary>One message as a transport hands it out. The payload is the receiver's own copy.</summary>
/// <param name="Subject">Subject it was published on.</param>
/// <param name="ReplyTo">Inbox for answers; null if none are wanted.</param>
/// <param name="Payload">The bytes; empty with <paramref name="NoResponders"/>.</param>
/// <param name="NoResponders">True if the transport itself answers that nobody listens on the subject (NATS status 503).</param>
public readonly record struct TransportMessage(string Subject, string? ReplyTo, ReadOnlyMemory<byte> Payload, bool NoResponders);

/// <summary>The seam between calls and wires: subjects, queue groups and inboxes with the meaning that core NATS gives them: at most once,
/// in order per publisher and subscription, wildcards <c>*</c> (one token) and <c>&gt;</c> (the rest). Implementations pass one contract suite.</summary>
public interface IBusTransport : IAsyncDisposable
{
    /// <summary>Largest payload in bytes; a larger publish throws <see cref="ArgumentException"/>.</summary>
    int MaxPayload { get; }

    /// <summary>Begin of every inbox of this connection, e.g. <c>_INBOX.x7Yb</c>.</summary>
    string InboxPrefix { get; }

    /// <summary>How long this connection has been up without a break; null while it is down. A break that neither side is told of (a cut
    /// cable) is noticed late: a NATS connection notices it within 15 s.</summary>
    TimeSpan? ConnectedFor { get; }

    /// <summary>Publishes. While the connection is down, waits for it until <paramref name="cancellationToken"/> fires; a token that can't fire
    /// waits 10 s. With <paramref name="replyTo"/> and no subscription on <paramref name="subject"/>, the inbox gets a message with
    /// <see cref="TransportMessage.NoResponders"/>, at once. Completes when the bytes are handed over, not when they have arrived; the payload's
    /// memory may then be used for something else.</summary>
    /// <exception cref="ArgumentException">The payload is too large, or the subject is none to publish on.</exception>
    /// <exception cref="IOException">The connection is down, or its server takes nothing.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed.</exception>
    ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Completes when the bus has taken in all that was published on this connection before, unless the connection broke meanwhile:
    /// then what was published before the break may be lost, and <see cref="ConnectedFor"/> is less than the time since.</summary>
    /// <exception cref="IOException">The connection is down, or its server takes nothing.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Listens. Within one <paramref name="queueGroup"/> each message goes to one member. <paramref name="onMessage"/> is called for one
    /// message at a time and must not block: long work belongs elsewhere. Completes when the subscription is in force for every publisher. Dispose
    /// the result to stop listening: what has arrived is still handed out before that completes. Closing the connection hands out nothing more.</summary>
    /// <exception cref="ArgumentException">The subject is none to listen on.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed.</exception>
    ValueTask<IAsyncDisposable> SubscribeAsync(string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken);

    /// <summary>As <see cref="SubscribeAsync"/>, for a consumer that never waits and takes some microseconds: the transport may call it where it reads, which
    /// spares a queue and a change of threads. As nothing waits for such a consumer, nothing is dropped.</summary>
    ValueTask<IAsyncDisposable> SubscribePromptAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken) =>
        SubscribeAsync(subject, queueGroup, onMessage, cancellationToken);
}
