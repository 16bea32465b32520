namespace Cyborg.Conductor.Nova;

/// <summary>How Nova took a server action.</summary>
internal enum ServerActionOutcome
{
    /// <summary>Nova does it (202). It tells nobody when it is done.</summary>
    Accepted,
    /// <summary>This Nova has no such action (400 or 404).</summary>
    NotSupported,
    /// <summary>Nova knows no such server (404).</summary>
    ServerNotFound,
    /// <summary>The server is in a state in which Nova does not do it (409).</summary>
    Conflict,
    /// <summary>Nova will not do it (any other 4xx): a wrong request, or the service may not.</summary>
    Refused,
    /// <summary>No answer, or a 5xx: whether Nova does it is unknown. It may be asked again: it does it once for one accelerator request.</summary>
    Unknown,
}

/// <summary>What came of a server action.</summary>
/// <param name="Outcome">The kind.</param>
/// <param name="Status">HTTP status; null if there was no answer.</param>
/// <param name="Problem">For people, without secrets; null if accepted.</param>
internal sealed record ServerActionResult(ServerActionOutcome Outcome, int? Status, string? Problem)
{
    /// <summary>By what Nova's records name the action; null if it does not say.</summary>
    public string? RequestId { get; init; }

    /// <summary>Judges Nova's answer. Pure.</summary>
    /// <remarks>Nova names an action that it does not have, or answers 404 without naming the server; for a server that it does not have it names the server
    /// (nova: api/openstack/wsgi.py, compute/exception.py).</remarks>
    public static ServerActionResult Of(NovaAnswer answer, Guid server)
    {
        var message = NovaFault.Message(answer.Body) ?? "";
        var outcome = answer.Status switch
        {
            null or >= 500 => ServerActionOutcome.Unknown,
            >= 200 and < 300 => ServerActionOutcome.Accepted,
            400 when message.Contains("no such action", StringComparison.OrdinalIgnoreCase) => ServerActionOutcome.NotSupported,
            404 when message.Contains(server.ToString(), StringComparison.OrdinalIgnoreCase) => ServerActionOutcome.ServerNotFound,
            404 => ServerActionOutcome.NotSupported,
            409 => ServerActionOutcome.Conflict,
            _ => ServerActionOutcome.Refused,
        };
        return new ServerActionResult(outcome, answer.Status, outcome == ServerActionOutcome.Accepted ? null : answer.Problem)
        {
            RequestId = answer.RequestId,
        };
    }
}
