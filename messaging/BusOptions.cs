namespace Cyborg.Messaging;

/// <summary>How much of one kind of work a server takes at once.</summary>
/// <param name="ParallelHandlers">Handlers that run at the same time.</param>
/// <param name="QueueLength">Calls that wait for one of them; the next is answered <see cref="Cyborg.Model.FaultCode.Busy"/>.</param>
public sealed record PoolOptions(int ParallelHandlers, int QueueLength);

/// <summary>The limits of both ends of a call; the defaults stand beside each.</summary>
public sealed record BusOptions
{
    /// <summary>Name of the pool of verbs that were mapped without one.</summary>
    public const string DefaultPool = "default";

    /// <summary>Largest frame in bytes, further bounded by the transport's <see cref="IBusTransport.MaxPayload"/>. 512 KiB; at least 16 KiB, so that every fault fits.</summary>
    public int FrameBytes { get; init; } = 512 * 1024;

    /// <summary>Largest body of a call or of a reply in bytes; more is <see cref="Cyborg.Model.FaultCode.MessageTooLarge"/>. 128 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Bytes that all split messages together may hold at one end until they are read; more is
    /// <see cref="Cyborg.Model.FaultCode.Busy"/>. 256 MiB; at least <see cref="MaxMessageBytes"/>.</summary>
    public long ReceiveBufferBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Parts of a split message that may be under way without a receiver's word. 8.</summary>
    public int CreditWindow { get; init; } = 8;

    /// <summary>A split message without the next part or credit for so long is given up. 5 s.</summary>
    public TimeSpan PartTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A call without any sign of life for so long is sent again with its ids, within its deadline. 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Mean wait before a busy server is asked once more; the wait is spread between half of it and one and a half. 100 ms.</summary>
    public TimeSpan BusyDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest time a call may have, at either end. 1 h.</summary>
    public TimeSpan MaxTimeLeft { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a server that stops waits for its handlers before it cancels them. 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bounds of the default pool and of each pool that <see cref="Pools"/> does not name. 32 at once, 256 waiting.</summary>
    public PoolOptions Pool { get; init; } = new(32, 256);

    /// <summary>Bounds of single pools, by name. None.</summary>
    public IReadOnlyDictionary<string, PoolOptions> Pools { get; init; } = new Dictionary<string, PoolOptions>();

    /// <summary>The bounds of the pool <paramref name="name"/>.</summary>
    public PoolOptions PoolOf(string name) => Pools.TryGetValue(name, out var own) ? own : Pool;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names all faults, one a line.</exception>
    public void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
            throw new ArgumentException(string.Join('\n', faults));
    }

    private IEnumerable<string> Faults()
    {
        if (FrameBytes < 16384)
            yield return $"{nameof(FrameBytes)} is {FrameBytes}; at least 16384 are needed.";
        if (MaxMessageBytes < 1 || MaxMessageBytes > Array.MaxLength)
            yield return $"{nameof(MaxMessageBytes)} is {MaxMessageBytes}; 1 to {Array.MaxLength} are possible.";
        if (ReceiveBufferBytes < MaxMessageBytes)
            yield return $"{nameof(ReceiveBufferBytes)} is {ReceiveBufferBytes}, less than one message of {MaxMessageBytes}.";
        if (CreditWindow < 1)
            yield return $"{nameof(CreditWindow)} is {CreditWindow}; at least 1 is needed.";
        foreach (var (name, value) in new[]
        {
            (nameof(PartTimeout), PartTimeout), (nameof(AttemptTimeout), AttemptTimeout), (nameof(BusyDelay), BusyDelay),
            (nameof(MaxTimeLeft), MaxTimeLeft), (nameof(DrainTimeout), DrainTimeout),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(40))
                yield return $"{name} is {value}; more than nothing and at most 40 days are possible.";
        }
        foreach (var (name, pool) in Pools.Append(new(DefaultPool, Pool)))
        {
            if (pool.ParallelHandlers < 1 || pool.QueueLength < 0)
                yield return $"The pool {name} has {pool.ParallelHandlers} handlers and a queue of {pool.QueueLength}; at least 1 and 0 are needed.";
        }
    }
}
