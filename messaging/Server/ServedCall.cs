namespace Cyborg.Messaging;

/// <summary>What makes two calls the same work: the subject, which names the host too, and the idempotency id or, without one, the call's own id.</summary>
internal readonly record struct CallKey(string Subject, Guid Id);

/// <summary>A call that a server took, from its first frame until its reply is sent. Re-sends join it.</summary>
internal sealed class ServedCall : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly TimeProvider _time;
    private readonly long _started;
    private (Guid Call, string Address) _replyTo;
    private Dictionary<Guid, string>? _joined;
    private TimeSpan _left;
    private volatile bool _stopped;

    /// <summary>Starts the call's clock.</summary>
    /// <param name="verb">What is called.</param>
    /// <param name="subject">The subject it came on.</param>
    /// <param name="header">Its header.</param>
    /// <param name="host">The host that the subject names; null if none.</param>
    /// <param name="replyTo">Where the reply goes.</param>
    /// <param name="end">This end, and when it stops hard.</param>
    public ServedCall(ServedVerb verb, string subject, EnvelopeHeader header, string? host, string replyTo, (BusPeer Peer, CancellationToken Stopping) end)
    {
        var peer = end.Peer;
        (Verb, Header, Host, _time) = (verb, header, host, peer.Time);
        Key = new CallKey(subject, header.IdempotencyId ?? header.Call);
        _left = TimeSpan.FromMilliseconds(Math.Clamp(header.RemainingMs, 0, peer.Options.MaxTimeLeft.TotalMilliseconds));
        _started = peer.Time.GetTimestamp();
        _replyTo = (header.Call, replyTo);
        _stop = new CancellationTokenSource(_left, peer.Time);
        _stopping = end.Stopping.UnsafeRegister(static call => ((ServedCall)call!).StopNow(), this);
    }

    public ServedVerb Verb { get; }
    public EnvelopeHeader Header { get; }
    public string? Host { get; }
    public CallKey Key { get; }

    /// <summary>How the request is called in logs and opaque faults.</summary>
    public string RequestId => Header.RequestId ?? $"call-{Header.Call}";

    /// <summary>Fires when the caller's time is over, or when the server stops hard.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>True if <see cref="Stop"/> fired because the server stops.</summary>
    public bool IsStopped => _stopped;

    /// <summary>The caller's time that is left.</summary>
    public TimeSpan Left => _left - _time.GetElapsedTime(_started);

    /// <summary>Since when the call is here.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_started);

    /// <summary>Adds an address for the reply. A re-send of one call replaces its former address, so that a long reply is sent to it once.</summary>
    public void AddReplyAddress(Guid call, string address)
    {
        if (call == _replyTo.Call)
            _replyTo = (call, address);
        else
            (_joined ??= [])[call] = address;
    }

    /// <summary>Where the reply goes.</summary>
    public string[] ReplyAddresses() => _joined is null ? [_replyTo.Address] : [_replyTo.Address, .. _joined.Values];

    /// <summary>Takes over a joining call's later deadline.</summary>
    public void ExtendTo(TimeSpan left)
    {
        if (left <= Left || _stop.IsCancellationRequested)
            return;
        _left = left + Age;
        _stop.CancelAfter(left);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _stop.Dispose();
    }

    private void StopNow()
    {
        _stopped = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }
}
