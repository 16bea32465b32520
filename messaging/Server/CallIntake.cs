using System.Collections.Concurrent;
using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>Reads what comes in for a verb: checks frames, puts split calls together, and hands whole ones on. Runs in read loops, so it waits
/// for nothing.</summary>
internal sealed class CallIntake(BusPeer peer, CallDispatcher dispatcher)
{
    private readonly ConcurrentDictionary<IncomingMessage, ServedCall> _halfReceived = new();

    /// <summary>Takes one message of the verb's subscription.</summary>
    public void Take(ServedVerb verb, TransportMessage message)
    {
        if (message.ReplyTo is null)
        {
            BusMetrics.Dropped.Add(1, BusMetrics.Tag("reason", "no_reply_address"));
            Log.NoReplyAddress(peer.Logger, verb.Name);
            return;
        }
        try
        {
            Take(verb, message, message.ReplyTo);
        }
        catch (Exception exception)
        {
            Log.IntakeFailed(peer.Logger, exception, verb.Name);
            peer.PostFault(message.ReplyTo, FaultCode.Internal, "Internal error.");
        }
    }

    /// <summary>Refuses what is half-received, so that its callers turn to another server.</summary>
    public void Abandon()
    {
        foreach (var (message, call) in _halfReceived)
        {
            if (!message.TryAbandon())
                continue;
            foreach (var address in call.ReplyAddresses())
                peer.PostFault(address, FaultCode.Busy, "The server is stopping.");
            call.Dispose();
        }
    }

    private void Take(ServedVerb verb, TransportMessage message, string replyTo)
    {
        var check = Frame.Read(message.Payload, out var frame);
        if (check != FrameCheck.Good)
        {
            Refuse(verb, replyTo, FaultCode.ProtocolError, Frame.Complaint(check));
            return;
        }
        var header = frame is { Kind: FrameKind.Call, Sequence: 0 } ? EnvelopeHeader.Read(frame.Header) : null;
        // Without an id, calls of strangers would count as the same one.
        if (header is null || header.Call == Guid.Empty || (frame.Last ? frame.Body.Length != header.Size : frame.Body.Length >= header.Size))
        {
            Refuse(verb, replyTo, FaultCode.ProtocolError, Frame.Complaint(FrameCheck.Malformed));
            return;
        }
        var host = verb.Verb.Target == VerbTarget.Host ? HostOf(message.Subject) : null;
        if (verb.Verb.Target == VerbTarget.Host && host is null)
        {
            Refuse(verb, replyTo, FaultCode.ProtocolError, "The subject has no encoded host name.");
            return;
        }
        var call = new ServedCall(verb, message.Subject, header, host, replyTo, (peer, dispatcher.Stopping));
        if (dispatcher.TryJoin(call))
            call.Dispose();
        else if (frame.Last)
            dispatcher.Accept(call, new Received(frame.Body, null));
        else if (!TryAssemble(call, frame, replyTo))
            call.Dispose();
    }

    private bool TryAssemble(ServedCall call, in Frame first, string replyTo)
    {
        var size = call.Header.Size;
        if (size > peer.Options.MaxMessageBytes)
        {
            Refuse(call.Verb, replyTo, FaultCode.MessageTooLarge, $"The request has {size} bytes; {peer.Options.MaxMessageBytes} are allowed.");
            return false;
        }
        if (!call.Verb.Pool.HasRoom || peer.Budget.TryReserve(size) is not { } reservation)
        {
            Refuse(call.Verb, replyTo, FaultCode.Busy, "The server has as much work as it takes.");
            return false;
        }
        var assembly = new MessageAssembly((int)size, first.Body.Span, peer.Options.CreditWindow);
        IncomingMessage? incoming = null;
        var address = peer.Inbox.Open(message => OnPart(incoming!, message));
        incoming = new IncomingMessage(
            assembly,
            reservation,
            credit => peer.PostCredit(replyTo, address, credit),
            received => OnEnd(call, incoming!, address, replyTo, received),
            peer);
        _halfReceived[incoming] = call;
        incoming.Start();
        return true;
    }

    private static void OnPart(IncomingMessage incoming, TransportMessage message)
    {
        if (Frame.Read(message.Payload, out var frame) == FrameCheck.Good)
            incoming.Accept(frame);
        else
            incoming.Break();
    }

    private void OnEnd(ServedCall call, IncomingMessage incoming, string address, string replyTo, Received? received)
    {
        peer.Inbox.Close(address);
        _halfReceived.TryRemove(incoming, out _);
        if (received is not null)
        {
            dispatcher.Accept(call, received);
            return;
        }
        BusMetrics.Dropped.Add(1, BusMetrics.Tag("reason", "broken"));
        Refuse(call.Verb, replyTo, FaultCode.ProtocolError, "A part of the request was lost.");
        call.Dispose();
    }

    private void Refuse(ServedVerb verb, string replyTo, FaultCode code, string text)
    {
        Log.Refused(peer.Logger, verb.Name, code, text);
        peer.PostFault(replyTo, code, text);
    }

    // cyborg.host.HOST.NOUN.NAME
    private static string? HostOf(string subject)
    {
        var tokens = subject.Split('.', 4);
        return tokens.Length == 4 ? HostToken.TryDecode(tokens[2]) : null;
    }
}
