namespace Cyborg.Agent.Leases;

/// <summary>The agent's own view of its hold on the host's name. It counts from the moment at which a heartbeat was sent, not answered, on a clock that never
/// jumps: so it ends before the conductor's does, which has <c>lease_timeout</c> of at least three heartbeats and three writes.</summary>
internal sealed class HostLease(TimeProvider time, TimeSpan heartbeatInterval)
{
    private const long Never = long.MinValue;

    private readonly TimeSpan _lasts = heartbeatInterval * 3;
    private long _confirmed = Never;

    /// <summary>True while no other agent can hold the name.</summary>
    public bool Confirmed => Interlocked.Read(ref _confirmed) is var sent && sent != Never && time.GetElapsedTime(sent) < _lasts;

    /// <summary>A conductor has answered a heartbeat.</summary>
    /// <param name="sent">Timestamp of its sending.</param>
    public void Confirm(long sent) => Interlocked.Exchange(ref _confirmed, sent);

    /// <summary>Another agent holds the name.</summary>
    public void Lose() => Interlocked.Exchange(ref _confirmed, Never);
}
