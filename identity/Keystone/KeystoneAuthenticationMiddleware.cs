using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Cyborg.Identity.Keystone;

/// <summary>Says who calls, as <c>UseAuthentication</c> does, which it stands for: at once if the tokens are remembered, else by the scheme's handler.</summary>
internal sealed class KeystoneAuthenticationMiddleware(RequestDelegate next, IOptionsMonitor<KeystoneOptions> options)
{
    private readonly RememberedCallers _remembered = new(options.Get(KeystoneDefaults.Scheme));

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (_remembered.Find(http.Request.Headers) is not { } caller)
            return AuthenticateAsync(http);
        http.User = caller;
        return next(http);
    }

    private async Task AuthenticateAsync(HttpContext http)
    {
        var result = await http.AuthenticateAsync(KeystoneDefaults.Scheme).ConfigureAwait(false);
        if (result.Principal is { } caller)
            http.User = caller;
        await next(http).ConfigureAwait(false);
    }
}

/// <summary>Adds the step of authentication to a pipeline.</summary>
public static class KeystoneStep
{
    /// <summary>Says who calls, instead of <c>UseAuthentication</c>, where <see cref="KeystoneExtensions"/> added the default scheme.</summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseKeystone(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // By this mark of UseAuthentication a WebApplication knows that it need not put that step in front of all others by itself.
        app.Properties["__AuthenticationMiddlewareSet"] = true;
        return app.UseMiddleware<KeystoneAuthenticationMiddleware>();
    }
}
