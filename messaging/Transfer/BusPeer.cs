using System.Buffers;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>A body ready to be sent: its header, and how much of it goes with the first frame.</summary>
/// <param name="Header">The header's bytes.</param>
/// <param name="Body">All bytes of the body.</param>
/// <param name="FirstBytes">Bytes of it in the first frame.</param>
internal readonly record struct OutgoingMessage(byte[] Header, ReadOnlyMemory<byte> Body, int FirstBytes)
{
    /// <summary>True if parts follow the first frame.</summary>
    public bool IsSplit => FirstBytes < Body.Length;
}

/// <summary>What both ends of a call have: a transport, limits, a clock, an inbox, a bound on memory; and how messages are sent.</summary>
internal sealed class BusPeer : IAsyncDisposable
{
    /// <summary>Makes one end.</summary>
    public BusPeer(IBusTransport transport, BusOptions options, ILogger logger, TimeProvider time)
    {
        options.Validate();
        (Transport, Options, Logger, Time) = (transport, options, logger, time);
        Inbox = new Inbox(transport, OnLate);
        Budget = new MemoryBudget(options.ReceiveBufferBytes);
    }

    public IBusTransport Transport { get; }
    public BusOptions Options { get; }
    public ILogger Logger { get; }
    public TimeProvider Time { get; }
    public Inbox Inbox { get; }
    public MemoryBudget Budget { get; }

    // The transport's limit may change with each connection.
    private int FrameBytes => Math.Min(Transport.MaxPayload, Options.FrameBytes);

    /// <summary>Writes the header and decides whether the body must be split.</summary>
    /// <exception cref="FaultException">The header alone does not fit a frame.</exception>
    public OutgoingMessage Prepare(EnvelopeHeader header, ReadOnlyMemory<byte> body)
    {
        header.Size = body.Length;
        var bytes = header.ToBytes();
        var room = FrameBytes - Frame.PrefixLength - bytes.Length;
        if (room < 0)
            throw new FaultException(FaultCode.MessageTooLarge, $"The context of the call has {bytes.Length} bytes and does not fit a frame.");
        return new OutgoingMessage(bytes, body, Math.Min(room, body.Length));
    }

    /// <summary>Sends the first frame.</summary>
    public async ValueTask SendFirstAsync(
        OutgoingMessage message, FrameKind kind, string subject, string? replyTo, CancellationToken cancellationToken)
    {
        var frame = new Frame(kind, !message.IsSplit, 0, message.Header, message.Body[..message.FirstBytes]);
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.Write(buffer);
        await Transport.PublishAsync(subject, replyTo, buffer.AsMemory(0, frame.Length), cancellationToken).ConfigureAwait(false);
        // Not in a finally: after a failed publish the transport may still read the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Sends the parts after the first frame, as the receiver lets them come.</summary>
    /// <exception cref="TimeoutException">The receiver gave no credit for <see cref="BusOptions.PartTimeout"/>.</exception>
    public async Task SendPartsAsync(OutgoingMessage message, CreditGate gate, CancellationToken cancellationToken)
    {
        var rest = message.Body[message.FirstBytes..];
        var frameBytes = FrameBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(frameBytes);
        for (var sequence = 1; !rest.IsEmpty; sequence++)
        {
            var taken = Math.Min(rest.Length, frameBytes - Frame.PrefixLength);
            var frame = new Frame(FrameKind.Part, taken == rest.Length, sequence, default, rest[..taken]);
            var address = await gate.WaitAsync(sequence, Options.PartTimeout, Time, cancellationToken).ConfigureAwait(false);
            frame.Write(buffer);
            await Transport.PublishAsync(address, null, buffer.AsMemory(0, frame.Length), cancellationToken).ConfigureAwait(false);
            rest = rest[taken..];
        }
        // Not in a finally: after a failed publish the transport may still read the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Lets a sender send the parts below <paramref name="credit"/> to <paramref name="ownAddress"/>.</summary>
    public void PostCredit(string address, string ownAddress, int credit) =>
        _ = PostAsync(address, ownAddress, new Frame(FrameKind.Credit, true, credit, default, default).ToArray());

    /// <summary>Tells a sender that no more parts are wanted, so that it need not wait for a credit.</summary>
    public void PostStop(string address) => _ = PostAsync(address, null, new Frame(FrameKind.Stop, true, 0, default, default).ToArray());

    /// <summary>Answers a fault.</summary>
    public void PostFault(string address, FaultCode code, string text)
    {
        var header = EnvelopeHeader.ForFault(code, text).ToBytes();
        _ = PostAsync(address, null, new Frame(FrameKind.Reply, true, 0, header, default).ToArray());
    }

    public ValueTask DisposeAsync() => Inbox.DisposeAsync();

    private void OnLate(TransportMessage message)
    {
        BusMetrics.Late.Add(1);
        Log.LateMessage(Logger, message.Subject);
        if (message.ReplyTo is { } sender && Frame.Read(message.Payload, out var frame) == FrameCheck.Good && frame.Kind == FrameKind.Reply)
            PostStop(sender);
    }

    // For read loops, which must not wait.
    private async Task PostAsync(string subject, string? replyTo, byte[] frame)
    {
        try
        {
            await Transport.PublishAsync(subject, replyTo, frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.PostFailed(Logger, exception);
        }
    }
}
