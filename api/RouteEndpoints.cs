using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Middleware;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cyborg.Api;

/// <summary>Serves the route table: the steps that every handler has before and after it.</summary>
internal static class RouteEndpoints
{
    /// <summary>Maps every route of <see cref="Routes.All"/>.</summary>
    public static void MapRoutes(this IEndpointRouteBuilder endpoints, ApiServices services)
    {
        foreach (var route in Routes.All)
            endpoints.MapMethods(route.Path, [route.Method], http => ServeAsync(http, route, services)).WithDisplayName($"{route.Method} {route.Path}");
    }

    // Policy comes before the handler reads an argument, so that who may not ask learns nothing of what would have been right.
    private static async Task ServeAsync(HttpContext http, Route route, ApiServices services)
    {
        if (!Accepts.TakesJson(http.Request))
            throw new ApiException(ApiError.NotAcceptable, $"This resource is {Reply.ContentType} only.");
        var call = new ApiCall(http, services);
        if (route.Policy is { } rule && route.OrPolicies.Count == 0)
            await call.AuthorizeAsync(rule).ConfigureAwait(false);
        else if (route.Policy is { } first)
            await call.AuthorizeAnyAsync([first, .. route.OrPolicies]).ConfigureAwait(false);
        var reply = await route.Handler(call).ConfigureAwait(false);
        await reply.SendAsync(http).ConfigureAwait(false);
    }
}
