using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>What an attempt's answer is.</summary>
/// <param name="Outcome">Its kind.</param>
/// <param name="Received">The body, of a reply only.</param>
/// <param name="Fault">What to tell the caller otherwise.</param>
internal readonly record struct Answer(AttemptOutcome Outcome, Received? Received, FaultException? Fault)
{
    public static Answer Of(Received received) => new(AttemptOutcome.Reply, received, null);

    public static Answer Of(FaultException fault) =>
        new(fault.Code == FaultCode.Busy ? AttemptOutcome.Busy : AttemptOutcome.Fault, null, fault);

    public static Answer Of(AttemptOutcome outcome, FaultCode code, string text, Exception? cause = null) =>
        new(outcome, null, new FaultException(code, text, cause));
}

/// <summary>One sending of a call: its own reply address, the credits for its parts, the reply on its way in.</summary>
internal sealed class ClientAttempt : IDisposable
{
    private readonly BusPeer _peer;
    private readonly Action<Answer?> _report;
    private IncomingMessage? _reply;
    private string? _replySource;

    /// <summary>Opens a reply address.</summary>
    /// <param name="peer">This end.</param>
    /// <param name="report">Gets an answer, or null for a sign of life. Must not block.</param>
    public ClientAttempt(BusPeer peer, Action<Answer?> report)
    {
        (_peer, _report) = (peer, report);
        ReplyTo = peer.Inbox.Open(OnMessage);
    }

    /// <summary>Where the server answers.</summary>
    public string ReplyTo { get; }

    /// <summary>The server's leave to send parts.</summary>
    public CreditGate Gate { get; } = new();

    public void Dispose()
    {
        _peer.Inbox.Close(ReplyTo);
        if (_reply?.TryAbandon() == true)
            _peer.PostStop(_replySource!);
    }

    private void OnMessage(TransportMessage message)
    {
        if (message.NoResponders)
        {
            _report(Answer.Of(AttemptOutcome.NoResponder, FaultCode.NoResponder, "Nobody serves this call now."));
            return;
        }
        var check = Frame.Read(message.Payload, out var frame);
        if (check != FrameCheck.Good)
        {
            _report(Answer.Of(new FaultException(FaultCode.ProtocolError, Frame.Complaint(check))));
            return;
        }
        switch (frame.Kind)
        {
            case FrameKind.Credit:
                Gate.Grant(frame.Sequence, message.ReplyTo);
                _report(null);
                break;
            case FrameKind.Reply when _reply is null:
                OnReply(frame, message.ReplyTo);
                break;
            case FrameKind.Part when _reply is not null:
                _report(null);
                _reply.Accept(frame);
                break;
            default:
                // A second reply, or a part whose reply was lost: what comes can't be whole.
                _report(Answer.Of(new FaultException(FaultCode.ProtocolError, "A part of the reply was lost.")));
                break;
        }
    }

    private void OnReply(in Frame frame, string? source)
    {
        var header = frame.Sequence == 0 ? EnvelopeHeader.Read(frame.Header) : null;
        if (Objection(header, frame, source) is { } fault)
        {
            if (source is not null)
                _peer.PostStop(source);
            _report(Answer.Of(fault));
        }
        else if (frame.Last)
        {
            _report(Answer.Of(new Received(frame.Body, null)));
        }
        else if (_peer.Budget.TryReserve(header!.Size) is { } reservation)
        {
            StartSplitReply(new MessageAssembly((int)header.Size, frame.Body.Span, _peer.Options.CreditWindow), reservation, source!);
        }
        else
        {
            _peer.PostStop(source!);
            _report(Answer.Of(new FaultException(FaultCode.Busy, "Too many large replies are under way.")));
        }
    }

    private FaultException? Objection(EnvelopeHeader? header, in Frame frame, string? source)
    {
        if (header?.ToFault() is { } fault)
            return fault;
        if (header is null || (frame.Last ? frame.Body.Length != header.Size : source is null || frame.Body.Length >= header.Size))
            return new FaultException(FaultCode.ProtocolError, Frame.Complaint(FrameCheck.Malformed));
        return header.Size > _peer.Options.MaxMessageBytes
            ? new FaultException(FaultCode.MessageTooLarge, $"The reply has {header.Size} bytes; {_peer.Options.MaxMessageBytes} are allowed.")
            : null;
    }

    private void StartSplitReply(MessageAssembly assembly, MemoryBudget.Reservation reservation, string source)
    {
        _replySource = source;
        _reply = new IncomingMessage(
            assembly,
            reservation,
            credit => _peer.PostCredit(source, ReplyTo, credit),
            received => _report(received is not null ? Answer.Of(received) : Broken(source)),
            _peer);
        _report(null);
        _reply.Start();
    }

    private Answer Broken(string source)
    {
        BusMetrics.Dropped.Add(1, BusMetrics.Tag("reason", "broken"));
        _peer.PostStop(source);
        return Answer.Of(new FaultException(FaultCode.ProtocolError, "A part of the reply was lost."));
    }
}
