using System.Diagnostics;
using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>Runs whole calls in their pools, once per id at a time, and sends the replies. Nothing of a call is kept after its reply: that an id's
/// work is done once, ever, is the handler's transaction's job.</summary>
internal sealed class CallDispatcher(BusPeer peer, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CallKey, ServedCall> _inFlight = [];
    private bool _closed;

    /// <summary>Fires when handlers are to be cancelled.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Calls that wait or run.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
                return _inFlight.Count;
        }
    }

    /// <summary>Refuses every call from now on, but for those that join one in flight.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>If the same work waits or runs here already, has <paramref name="call"/> answered with it.</summary>
    public bool TryJoin(ServedCall call)
    {
        lock (_lock)
            return TryJoinLocked(call);
    }

    /// <summary>Queues a whole call, joins it to the same work in flight, or refuses it. Takes over both arguments.</summary>
    public void Accept(ServedCall call, Received received)
    {
        bool joined;
        lock (_lock)
        {
            joined = TryJoinLocked(call);
            if (!joined && !_closed && call.Verb.Pool.TryRun(() => RunAsync(call, received)))
            {
                _inFlight.Add(call.Key, call);
                BusMetrics.InFlight.Add(1, BusMetrics.Tag("verb", call.Verb.Name));
                return;
            }
        }
        if (!joined)
            Refuse(call);
        received.Dispose();
        call.Dispose();
    }

    private void Refuse(ServedCall call)
    {
        const string Text = "The server has as much work as it takes.";
        Log.Refused(peer.Logger, call.Verb.Name, FaultCode.Busy, Text);
        BusMetrics.Busy.Add(1, BusMetrics.Tag("verb", call.Verb.Name));
        foreach (var address in call.ReplyAddresses())
            peer.PostFault(address, FaultCode.Busy, Text);
    }

    private bool TryJoinLocked(ServedCall call)
    {
        if (!_inFlight.TryGetValue(call.Key, out var running))
            return false;
        foreach (var address in call.ReplyAddresses())
            running.AddReplyAddress(call.Header.Call, address);
        running.ExtendTo(call.Left);
        BusMetrics.Joined.Add(1, BusMetrics.Tag("verb", call.Verb.Name));
        return true;
    }

    private async Task RunAsync(ServedCall call, Received received)
    {
        using (call)
        {
            var (header, body) = await AnswerAsync(call, received).ConfigureAwait(false);
            string[] addresses;
            lock (_lock)
            {
                _inFlight.Remove(call.Key);
                addresses = call.ReplyAddresses();
            }
            BusMetrics.InFlight.Add(-1, BusMetrics.Tag("verb", call.Verb.Name));
            BusMetrics.Served.Record(
                call.Age.TotalSeconds, BusMetrics.Tag("verb", call.Verb.Name), BusMetrics.Tag("outcome", header.Fault ?? "ok"));
            if (addresses is [var only])
                await ReplyAsync(call, only, header, body).ConfigureAwait(false);
            else
                await Task.WhenAll(addresses.Select(address => ReplyAsync(call, address, header, body))).ConfigureAwait(false);
        }
    }

    private async Task<(EnvelopeHeader Header, byte[] Body)> AnswerAsync(ServedCall call, Received received)
    {
        // A call without a trace is no child of what happens to run here.
        Activity.Current = null;
        using var activity = BusMetrics.Activities.StartActivity(call.Verb.Name, ActivityKind.Server, call.Header.TraceParent);
        activity?.SetTag("cyborg.request_id", call.Header.RequestId);
        try
        {
            using (received)
            {
                call.Stop.ThrowIfCancellationRequested();
                var context = call.Header.ToContext(call.Host, call.Left);
                if (activity is not null)
                    context = context with { TraceParent = activity.Id };
                var body = await call.Verb.Invoke(received, context, call.Stop).ConfigureAwait(false);
                return body.Length <= peer.Options.MaxMessageBytes
                    ? (new EnvelopeHeader(), body)
                    : Fault(call, FaultCode.MessageTooLarge, $"The reply has {body.Length} bytes; {peer.Options.MaxMessageBytes} are allowed.");
            }
        }
        catch (FaultException fault)
        {
            activity?.SetStatus(ActivityStatusCode.Error, fault.Code.ToString());
            return Fault(call, fault.Code, fault.Message);
        }
        catch (OperationCanceledException) when (call.IsStopped)
        {
            return Fault(call, FaultCode.Unavailable, "The server is stopping.");
        }
        catch (OperationCanceledException) when (call.Stop.IsCancellationRequested)
        {
            return Fault(call, FaultCode.DeadlineExceeded, "The caller's time was over.");
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(peer.Logger, exception, call.Verb.Name, call.RequestId);
            return (EnvelopeHeader.ForFault(FaultCode.Internal, $"Internal error; request {call.RequestId}."), []);
        }
    }

    private (EnvelopeHeader Header, byte[] Body) Fault(ServedCall call, FaultCode code, string text)
    {
        Log.HandlerFault(peer.Logger, call.Verb.Name, code, call.RequestId);
        return (EnvelopeHeader.ForFault(code, text), []);
    }

    private async Task ReplyAsync(ServedCall call, string address, EnvelopeHeader header, byte[] body)
    {
        string? ownAddress = null;
        try
        {
            var message = peer.Prepare(header, body);
            CreditGate? gate = null;
            if (message.IsSplit)
            {
                var opened = gate = new CreditGate(address);
                ownAddress = peer.Inbox.Open(credit => OnCredit(opened, credit));
            }
            // Not cancelled: a fault that tells of the deadline or the stop must still go out.
            await peer.SendFirstAsync(message, FrameKind.Reply, address, ownAddress, CancellationToken.None).ConfigureAwait(false);
            if (gate is not null)
                await peer.SendPartsAsync(message, gate, call.Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.ReplyUnwanted(peer.Logger, call.Verb.Name, call.RequestId);
        }
        catch (Exception exception)
        {
            Log.ReplyFailed(peer.Logger, exception, call.Verb.Name, call.RequestId);
        }
        finally
        {
            if (ownAddress is not null)
                peer.Inbox.Close(ownAddress);
        }
    }

    private static void OnCredit(CreditGate gate, TransportMessage message)
    {
        if (Frame.Read(message.Payload, out var frame) != FrameCheck.Good)
            return;
        if (frame.Kind == FrameKind.Credit)
            gate.Grant(frame.Sequence, null);
        else if (frame.Kind == FrameKind.Stop)
            gate.Stop();
    }
}
