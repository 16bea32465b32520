namespace Cyborg.Conductor.Hosts;

/// <summary>Whether this conductor has lately been able to hear of every lease. Immutable and pure: times come in from a monotonic clock.</summary>
/// <remarks>
/// A conductor that was cut off, or stood still, must not take its own deafness for the death of agents. A silence of up to a third of the lease
/// is forgiven: lease_timeout is at least three times the time between two signs of life, so that who lives is heard again before its lease ends.
/// The database's clock is compared with our own, because a step of it (a failover to a server whose clock differs) would end all leases at once.
/// </remarks>
/// <param name="LeaseTimeout">How long a lease holds.</param>
internal sealed record HealthWatch(TimeSpan LeaseTimeout)
{
    /// <summary>Since when every look at the database was good; null if the last was not.</summary>
    public TimeSpan? GoodSince { get; private init; }

    private TimeSpan LastGood { get; init; }

    private DateTimeOffset LastClock { get; init; }

    private TimeSpan Forgiven => LeaseTimeout / 3;

    /// <summary>A look at the database was good.</summary>
    /// <param name="now">Our monotonic clock.</param>
    /// <param name="databaseClock">The database's.</param>
    public HealthWatch Good(TimeSpan now, DateTimeOffset databaseClock)
    {
        var unbroken = GoodSince is not null
            && now - LastGood <= Forgiven
            && (databaseClock - LastClock - (now - LastGood)).Duration() <= Forgiven;
        return this with { GoodSince = unbroken ? GoodSince : now, LastGood = now, LastClock = databaseClock };
    }

    /// <summary>A look at the database failed, or this conductor does not listen.</summary>
    public HealthWatch Bad() => this with { GoodSince = null };

    /// <summary>True if hosts may be fenced: database and bus have been there without a break for a whole lease.</summary>
    /// <param name="now">Our monotonic clock.</param>
    /// <param name="busFor">How long the bus has been there; null if it is not.</param>
    public bool MayFence(TimeSpan now, TimeSpan? busFor) =>
        GoodSince is { } since && now - since >= LeaseTimeout && now - LastGood <= Forgiven && busFor >= LeaseTimeout;
}
