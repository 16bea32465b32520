using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Middleware;

/// <summary>Lets nobody past without credentials, the discovery documents apart. The scheme writes the 401, in keystonemiddleware's words, which
/// are not wrapped in <c>error_message</c>.</summary>
internal sealed class AuthenticationGate(RequestDelegate next)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http) =>
        http.User.Identity?.IsAuthenticated == true || RequestState.Of(http).Path.IsPublic
            ? next(http)
            : http.ChallengeAsync();
}
