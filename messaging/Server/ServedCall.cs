namespace Cyborg.Messaging;

/// <summary>What makes two calls the same work: the subject, which names the host too, and the idempotency id or, without one, the call's own id.</summary>
internal readonly record struct CallKey(string Subject, Guid Id);

/// <summary>A call that a server took, from its first frame until its reply is sent. Re-sends join it.</summary>
internal sealed class ServedCall : IDisposable
{
    private readonly Dictionary<Guid, string> _replyTo = [];
    private readonly CancellationTokenSource _deadline;
    private readonly TimeProvider _time;
    private readonly long _started;
    private TimeSpan _left;

    /// <summary>Starts the call's clock.</summary>
    public ServedCall(ServedVerb verb, string subject, EnvelopeHeader header, string? host, BusPeer peer)
    {
        (Verb, Header, Host, _time) = (verb, header, host, peer.Time);
        Key = new CallKey(subject, header.IdempotencyId ?? header.Call);
        _left = TimeSpan.FromMilliseconds(Math.Clamp(header.RemainingMs, 0, peer.Options.MaxTimeLeft.TotalMilliseconds));
        _started = peer.Time.GetTimestamp();
        _deadline = new CancellationTokenSource(_left, peer.Time);
    }

    public ServedVerb Verb { get; }
    public EnvelopeHeader Header { get; }
    public string? Host { get; }
    public CallKey Key { get; }

    /// <summary>How the request is called in logs and opaque faults.</summary>
    public string RequestId => Header.RequestId ?? $"call-{Header.Call}";

    /// <summary>Fires when the caller's time is over.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>The caller's time that is left.</summary>
    public TimeSpan Left => _left - _time.GetElapsedTime(_started);

    /// <summary>Since when the call is here.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_started);

    /// <summary>Adds an address for the reply. A re-send of one call replaces its former address, so that a long reply is sent to it once.</summary>
    public void AddReplyAddress(Guid call, string address) => _replyTo[call] = address;

    /// <summary>Where the reply goes.</summary>
    public string[] ReplyAddresses() => [.. _replyTo.Values];

    /// <summary>Takes over a joining call's later deadline.</summary>
    public void ExtendTo(TimeSpan left)
    {
        if (left <= Left || _deadline.IsCancellationRequested)
            return;
        _left = left + Age;
        _deadline.CancelAfter(left);
    }

    public void Dispose() => _deadline.Dispose();
}
