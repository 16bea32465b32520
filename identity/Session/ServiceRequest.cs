using System.Net.Http.Headers;

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
    /// never sent again, except after a 401, which did nothing.</summary>
    public bool IsIdempotent { get; init; } = Method.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE";

    /// <summary>Method and path; headers and body may hold secrets.</summary>
    public override string ToString() => $"{Method} {Path}";

    internal HttpRequestMessage ToMessage(Uri address, string? token)
    {
        var message = new HttpRequestMessage(Method, address);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }
        if (token is not null)
            message.Headers.Add("X-Auth-Token", token);
        message.Headers.Accept.ParseAdd("application/json");
        foreach (var (name, value) in Headers)
            message.Headers.Add(name, value);
        return message;
    }
}
