namespace Cyborg.Identity.Session;

/// <summary>A call to another service, that can be sent more than once.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">What follows the endpoint: begins with <c>/</c>, query included, escaped.</param>
public sealed record ServiceRequest(HttpMethod Method, string Path)
{
    /// <summary>The body; null for none. Always sent with its Content-Length: Keystone and Placement refuse chunks.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The body's type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Headers besides the token, such as <c>OpenStack-API-Version</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>True if sending it twice does what sending it once does; by default what HTTP says of the method. A call that is not is
    /// never sent again, except after a 401, which did nothing. A PUT or DELETE whose first answer was lost may find its work done: a 409 (a
    /// generation that has moved on) or 404 of such a call can be its own echo; who minds sets this to false.</summary>
    public bool IsIdempotent { get; init; } = Method.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE";

    /// <summary>True for a download of any size: the answer comes as soon as its headers are there, and the caller reads its body with
    /// <c>answer.Content.ReadAsStreamAsync(stop)</c> (or <c>CopyToAsync</c>) and disposes the answer. There is no bound on its size and none on its
    /// whole time, but a read that waits longer than the session's timeout throws <see cref="ServiceCallException"/> (Unavailable). The call is
    /// repeated only until its headers are there; a body that breaks off is the caller's to ask for again.</summary>
    public bool Streamed { get; init; }

    /// <summary>Method and path; headers and body may hold secrets.</summary>
    public override string ToString() => $"{Method} {Path}";
}
