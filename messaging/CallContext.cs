using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>What travels beside a call's body: who asks, under which ids, and until when.</summary>
public sealed record CallContext
{
    /// <summary>Who asks.</summary>
    public Caller Caller { get; init; } = new();
    /// <summary>Id of the HTTP request or cycle that the call belongs to, <c>req-UUID</c>.</summary>
    public string RequestId { get; init; } = "";
    /// <summary>Id that another service gave, <c>req-UUID</c>; null if none.</summary>
    public string? GlobalRequestId { get; init; }
    /// <summary>W3C trace context; null if none.</summary>
    public string? TraceParent { get; init; }
    /// <summary>Time left for the whole call, re-sends included; sent as milliseconds, never as a wall time.</summary>
    public TimeSpan TimeLeft { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>Set by the client for a mutating verb, the same in each re-send: the server does the work of one id once.</summary>
    public Guid? IdempotencyId { get; init; }
    /// <summary>Server side of a host verb: the host that the subject names; null otherwise.</summary>
    public string? Host { get; init; }
}
