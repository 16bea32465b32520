namespace Cyborg.Messaging;

/// <summary>What becomes of one message on an in-process bus, see <see cref="InProcessBus.Intercept"/>.</summary>
public readonly record struct Delivery
{
    /// <summary>It goes on at once; also the default.</summary>
    public static Delivery Normal => default;

    /// <summary>It is lost, silently, as on a wire.</summary>
    public static Delivery Lost => new() { IsLost = true };

    /// <summary>It goes on when <paramref name="until"/> completes; later messages overtake it.</summary>
    public static Delivery Late(Task until) => new() { Until = until };

    internal bool IsLost { get; private init; }

    internal Task? Until { get; private init; }
}

/// <summary>Limits of an in-process bus; the defaults are NATS's own.</summary>
public sealed record InProcessBusOptions
{
    /// <summary>Largest payload in bytes. 1 MiB.</summary>
    public int MaxPayload { get; init; } = 1024 * 1024;

    /// <summary>Messages that wait for one subscription; more are dropped. 65,536.</summary>
    public int MaxPendingMessages { get; init; } = 65_536;

    /// <summary>Bytes that wait for one subscription; messages over it are dropped. 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64L * 1024 * 1024;
}
