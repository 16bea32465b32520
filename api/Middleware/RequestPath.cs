using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Middleware;

/// <summary>A request's path as the route table knows it.</summary>
/// <param name="Mount">What stood in front of our own path: empty, or <c>/accelerator</c>.</param>
/// <param name="Path">The path, with a version, without a slash or <c>.json</c> at its end.</param>
internal readonly partial record struct RequestPath(string Mount, string Path)
{
    /// <summary>Path under which web servers mount the service; served by ourselves, too.</summary>
    public const string WellKnownMount = "/accelerator";

    /// <summary>True for every path of v1, the discovery document included.</summary>
    public bool IsV1 => Path == "/v1" || Path.StartsWith("/v1/", StringComparison.Ordinal);

    /// <summary>True for every path of v2, the discovery document included.</summary>
    public bool IsV2 => Path == "/v2" || Path.StartsWith("/v2/", StringComparison.Ordinal);

    /// <summary>True for what is answered without a token: the discovery documents.</summary>
    public bool IsPublic => Path is "/" or "/v1" or "/v2";

    /// <summary>Brings a path into the table's form. A path without a version means v2, as upstream; but for accelerators, which only v1 has. The Pike
    /// proposal writes both <c>/accelerators/UUID</c> and <c>/accelerator/UUID</c>; the latter looks like the mount, and is told by its uuid.</summary>
    public static RequestPath Normalise(string path)
    {
        var mounted = path == WellKnownMount || path.StartsWith(WellKnownMount + "/", StringComparison.Ordinal);
        var rest = mounted ? path[WellKnownMount.Length..] : path;
        if (rest.EndsWith('/'))
            rest = rest[..^1];
        if (rest.EndsWith(".json", StringComparison.Ordinal))
            rest = rest[..^".json".Length];
        if (rest.Length == 0 || rest == "/")
            return new RequestPath(mounted ? WellKnownMount : "", "/");
        if (mounted && AfterUuid().IsMatch(rest))
            return new RequestPath("", Collection + rest);
        if (!rest.StartsWith("/v2/", StringComparison.Ordinal) && !Version().IsMatch(rest))
            rest = (IsAccelerators(rest) ? "/v1" : "/v2") + rest;
        if (rest == Singular || rest.StartsWith(Singular + "/", StringComparison.Ordinal))
            rest = Collection + rest[Singular.Length..];
        return new RequestPath(mounted ? WellKnownMount : "", rest);
    }

    private const string Collection = "/v1/accelerators";
    private const string Singular = "/v1/accelerator";

    private static bool IsAccelerators(string path)
    {
        var end = path.IndexOf('/', 1);
        return (end < 0 ? path : path[..end]) is "/accelerators" or "/accelerator";
    }

    // A uuid as clients write them, and one word behind it at most.
    [GeneratedRegex(@"\A/[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}(/[^/]*)?\z")]
    private static partial Regex AfterUuid();

    [GeneratedRegex(@"\A/v[0-9]+(/|\z)")]
    private static partial Regex Version();
}

/// <summary>Brings each path into the form of the route table, before anything looks at it.</summary>
internal sealed class PathMiddleware(RequestDelegate next)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var path = RequestPath.Normalise(http.Request.Path.Value ?? "/");
        RequestState.Of(http).Path = path;
        if (path.Mount.Length > 0)
            http.Request.PathBase = http.Request.PathBase.Add(path.Mount);
        if (path.Path != http.Request.Path.Value)
            http.Request.Path = path.Path;
        return next(http);
    }
}
