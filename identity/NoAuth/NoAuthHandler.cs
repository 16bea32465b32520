using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cyborg.Identity.NoAuth;

/// <summary>Lets every caller of this machine in, as the default caller or as the persona that its headers try.</summary>
internal sealed class NoAuthHandler(IOptionsMonitor<NoAuthOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<NoAuthOptions>(options, logger, encoder)
{
    private static readonly AuthenticateResult FromElsewhere =
        AuthenticateResult.Fail("Without authentication only callers on the same machine are served.");

    private const string UnauthorizedBody =
        """{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    /// <summary>The 401 of keystonemiddleware, without the header that names a Keystone.</summary>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.ContentType = "application/json";
        // ASCII: as many bytes as characters.
        Response.ContentLength = UnauthorizedBody.Length;
        await Response.WriteAsync(UnauthorizedBody, Context.RequestAborted).ConfigureAwait(false);
    }

    private AuthenticateResult Authenticate()
    {
        // A second lock behind the check of the listening address. No address means a server inside this process.
        if (Context.Connection.RemoteIpAddress is { } remote && !NoAuthDefaults.IsLoopback(remote))
            return FromElsewhere;
        var (credentials, fault) = NoAuthPersona.Read(Request.Headers, Options);
        return credentials is null
            ? AuthenticateResult.Fail(fault ?? "The headers cannot be read.")
            : AuthenticateResult.Success(new AuthenticationTicket(credentials.ToPrincipal(Scheme.Name), Scheme.Name));
    }
}
