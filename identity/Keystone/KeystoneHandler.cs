using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cyborg.Identity.Keystone;

/// <summary>Makes credentials of <c>X-Auth-Token</c> and <c>X-Service-Token</c>, as keystonemiddleware's auth_token does.</summary>
/// <remarks>A service token is optional, but one that does not hold refuses the request. With an accepted role it lets an expired token of
/// the caller pass: a service may finish what took longer than the token lasted.</remarks>
internal sealed class KeystoneHandler(IOptionsMonitor<KeystoneOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<KeystoneOptions>(options, logger, encoder)
{
    private static readonly AuthenticateResult NotOneToken = AuthenticateResult.Fail("A token header is given more than once.");
    private static readonly AuthenticateResult BadToken = AuthenticateResult.Fail("The token does not hold.");
    private static readonly AuthenticateResult BadServiceToken = AuthenticateResult.Fail("The service token does not hold.");
    private static readonly AuthenticateResult NoServiceRole = AuthenticateResult.Fail("The service token has no accepted role.");
    private static readonly AuthenticateResult KeystoneAway = AuthenticateResult.Fail("Keystone cannot say whether the token holds.");

    private const string UnauthorizedBody =
        """{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""";

    private const string UnavailableBody =
        "503 Service Unavailable\n\nThe server is currently unavailable. Please try again at a later time.\n";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var result = await AuthenticateCallerAsync().ConfigureAwait(false);
        return Options.DelayAuthDecision && !result.Succeeded && !ReferenceEquals(result, KeystoneAway) ? Accept(Credentials.Nobody) : result;
    }

    private async Task<AuthenticateResult> AuthenticateCallerAsync()
    {
        KeystoneDefaults.RemoveForgeable(Request.Headers);
        var tokens = Request.Headers[KeystoneDefaults.TokenHeader];
        var serviceTokens = Request.Headers[KeystoneDefaults.ServiceTokenHeader];
        if (tokens.Count > 1 || serviceTokens.Count > 1)
            return NotOneToken;
        // Without a token of the caller the request is nobody's, whatever the service token says.
        if (tokens.Count == 0 || string.IsNullOrEmpty(tokens[0]))
            return AuthenticateResult.NoResult();
        TokenData? service = null;
        if (serviceTokens.Count == 1)
        {
            var (data, refusal) = await CheckServiceAsync(serviceTokens[0] ?? "").ConfigureAwait(false);
            if (refusal is not null)
                return refusal;
            service = data;
        }
        return await CheckCallerAsync(tokens[0]!, service).ConfigureAwait(false);
    }

    /// <summary>401 with Keystone's address, or 503 if Keystone is away.</summary>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync().ConfigureAwait(false);
        var isAway = ReferenceEquals(result, KeystoneAway);
        Response.StatusCode = isAway ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
        Response.ContentType = isAway ? "text/plain; charset=UTF-8" : "application/json";
        if (!isAway)
            Response.Headers.WWWAuthenticate = $"Keystone uri=\"{Options.WwwAuthenticateUri}\"";
        var body = isAway ? UnavailableBody : UnauthorizedBody;
        // ASCII: as many bytes as characters.
        Response.ContentLength = body.Length;
        await Response.WriteAsync(body, Context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<(TokenData? Data, AuthenticateResult? Refusal)> CheckServiceAsync(string token)
    {
        var verdict = await Options.Validator!.ValidateAsync(token, allowExpired: false, Context.RequestAborted).ConfigureAwait(false);
        if (verdict.Data is not { } data)
            return (null, Refusal(verdict, BadServiceToken));
        if (!Options.ServiceTokenRolesRequired || data.HasAnyRole(Options.ServiceTokenRoles))
            return (data, null);
        KeystoneLog.ServiceRolesMissing(Logger);
        return (null, NoServiceRole);
    }

    private async Task<AuthenticateResult> CheckCallerAsync(string token, TokenData? service)
    {
        var allowExpired = service?.HasAnyRole(Options.ServiceTokenRoles) ?? false;
        var verdict = await Options.Validator!.ValidateAsync(token, allowExpired, Context.RequestAborted).ConfigureAwait(false);
        if (verdict.Data is not { } data)
            return Refusal(verdict, BadToken);
        return Accept(data.ToCredentials(service, Options.ServiceTokenRoles));
    }

    private AuthenticateResult Accept(Credentials credentials) =>
        AuthenticateResult.Success(new AuthenticationTicket(credentials.ToPrincipal(Scheme.Name), Scheme.Name));

    private static AuthenticateResult Refusal(TokenVerdict verdict, AuthenticateResult invalid) =>
        verdict.Status == TokenStatus.Unavailable ? KeystoneAway : invalid;
}
