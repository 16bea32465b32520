using System.Buffers;
using NATS.Client.Core;

namespace Cyborg.Messaging;

/// <summary>One subscription on a NATS connection: hands what arrives to its pump. The client library restores it at each reconnect.</summary>
internal sealed class NatsListener : NatsSubBase
{
    // The first line of a header: NATS/1.0 503
    private const int StatusOffset = 8;
    private const int StatusLength = 4;

    private readonly MessagePump _pump;

    /// <summary>Prepares; the connection must still add it.</summary>
    public NatsListener(NatsConnection connection, string subject, string? queueGroup, MessagePump pump)
        : base(connection, connection.SubscriptionManager, subject, queueGroup, null) => _pump = pump;

    /// <summary>Where its messages go.</summary>
    public MessagePump Pump => _pump;

    /// <inheritdoc/>
    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        var noResponders = payloadBuffer.IsEmpty && headersBuffer is { } headers && IsNoResponders(headers);
        _pump.Enqueue(new TransportMessage(subject, replyTo, default, noResponders), payloadBuffer);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void TryComplete() => _pump.Complete();

    private static bool IsNoResponders(in ReadOnlySequence<byte> headers)
    {
        if (headers.Length < StatusOffset + StatusLength)
            return false;
        Span<byte> status = stackalloc byte[StatusLength];
        headers.Slice(StatusOffset, StatusLength).CopyTo(status);
        return status.SequenceEqual(" 503"u8);
    }
}
