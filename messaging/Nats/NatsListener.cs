using System.Buffers;
using NATS.Client.Core;

namespace Cyborg.Messaging;

/// <summary>One subscription on a NATS connection: hands on what arrives. The client library restores it at each reconnect.</summary>
internal sealed class NatsListener : NatsSubBase
{
    // The first line of a header: NATS/1.0 503
    private const int StatusOffset = 8;
    private const int StatusLength = 4;

    /// <summary>Prepares; the connection must still add it.</summary>
    public NatsListener(NatsConnection connection, string subject, string? queueGroup, HandOver messages)
        : base(connection, connection.SubscriptionManager, subject, queueGroup, null) => Messages = messages;

    /// <summary>Where its messages go.</summary>
    public HandOver Messages { get; }

    /// <inheritdoc/>
    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        var noResponders = payloadBuffer.IsEmpty && headersBuffer is { } headers && IsNoResponders(headers);
        Messages.Enqueue(new TransportMessage(subject, replyTo, default, noResponders), payloadBuffer);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void TryComplete() => Messages.Complete();

    private static bool IsNoResponders(in ReadOnlySequence<byte> headers)
    {
        if (headers.Length < StatusOffset + StatusLength)
            return false;
        Span<byte> status = stackalloc byte[StatusLength];
        headers.Slice(StatusOffset, StatusLength).CopyTo(status);
        return status.SequenceEqual(" 503"u8);
    }
}
