using System.Net;
using Cyborg.Identity.Session;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Keystone;

/// <summary>Asks Keystone what a token is worth (<c>GET /v3/auth/tokens</c>), with the service's own token.</summary>
/// <remarks>Safe for many threads. Tokens are remembered by their SHA-256 only. Anything but a clear answer is "unavailable", never
/// "valid".</remarks>
public sealed class TokenValidator
{
    // Without a catalog the answer is a tenth as long.
    private const string Query = "?nocatalog=1";
    private const string QueryAllowExpired = Query + "&allow_expired=1";

    private readonly KeystoneSession _session;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JwsCheck? _jws;

    /// <summary>A validator with an empty cache.</summary>
    /// <param name="session">The service's log-in; its user needs the right to validate tokens. Stays its maker's to dispose.</param>
    /// <param name="options">How much is remembered.</param>
    /// <param name="logs">Where it logs; never a token.</param>
    /// <param name="time">The clock of expiries.</param>
    /// <param name="jwsPublicKeys">Folder of Keystone's public keys, <c>*.pem</c>: JWS tokens that none of them has signed, and expired ones, are
    /// refused without asking. Null to ask about every token.</param>
    public TokenValidator(
        KeystoneSession session, TokenValidatorOptions options, ILoggerFactory logs, TimeProvider time, string? jwsPublicKeys = null)
    {
        _session = session;
        _time = time;
        _logger = logs.CreateLogger<TokenValidator>();
        Cache = new TokenCache(options, time);
        _jws = jwsPublicKeys is null ? null : new JwsCheck(new JwsKeys(jwsPublicKeys, time, _logger), time, _logger);
    }

    internal TokenCache Cache { get; }

    /// <summary>What the token is worth.</summary>
    /// <param name="token">The header's text, whatever it is.</param>
    /// <param name="allowExpired">True if a service vouches for the call: an expired token counts while Keystone still knows it.</param>
    /// <param name="stop">Gives up waiting; the question goes on for others.</param>
    internal Task<TokenVerdict> ValidateAsync(string token, bool allowExpired, CancellationToken stop) =>
        TokenText.IsAcceptable(token)
            ? Cache.GetAsync(TokenKey.Of(token, allowExpired), () => AskAsync(token, allowExpired)).WaitAsync(stop)
            : Task.FromResult(TokenVerdict.Invalid);

    /// <summary>What the token stands for, if it is remembered as a good one; null if it must be asked about, or is refused.</summary>
    /// <param name="token">The header's text, whatever it is.</param>
    /// <param name="allowExpired">True if a service vouches for the call.</param>
    internal TokenData? FindRemembered(string token, bool allowExpired) =>
        TokenText.IsAcceptable(token) ? Cache.Find(TokenKey.Of(token, allowExpired)) : null;

    private async Task<TokenVerdict> AskAsync(string token, bool allowExpired)
    {
        if (_jws is not null && await _jws.LookAtAsync(token).ConfigureAwait(false) is var look
            && (look == JwsVerdict.Forged || (look == JwsVerdict.Expired && !allowExpired)))
            return TokenVerdict.Invalid;
        var request = new ServiceRequest(HttpMethod.Get, allowExpired ? QueryAllowExpired : Query)
        {
            Headers = new Dictionary<string, string> { ["X-Subject-Token"] = token },
        };
        try
        {
            using var response = await _session.SendToTokensAsync(request, CancellationToken.None).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK)
                return Judge(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false), allowExpired);
            return Refusal(response.StatusCode);
        }
        catch (Exception fault) when (fault is ServiceCallException or ObjectDisposedException or OperationCanceledException)
        {
            return Unavailable(fault.Message);
        }
    }

    /// <summary>Reads Keystone's word on a token that it knows.</summary>
    private TokenVerdict Judge(ReadOnlySpan<byte> json, bool allowExpired)
    {
        if (TokenBody.Read(json) is not { } fields || TokenData.From(fields) is not { } data)
            return Unavailable("Keystone's answer is none.");
        if (fields.ApplicationCredential?.AccessRules is not null)
        {
            // Such a token is good for some calls only. Keystone keeps it from those who do not ask for it; this is the second lock.
            KeystoneLog.AccessRulesRefused(_logger);
            return TokenVerdict.Invalid;
        }
        return allowExpired || data.ExpiresAt > _time.GetUtcNow() ? TokenVerdict.Valid(data) : TokenVerdict.Invalid;
    }

    private TokenVerdict Refusal(HttpStatusCode status)
    {
        switch (status)
        {
            case HttpStatusCode.NotFound:
                return TokenVerdict.Invalid;
            case HttpStatusCode.Unauthorized:
                // Of our own token it says so, and a new one was tried already: it tells nothing of the caller's.
                KeystoneLog.ValidationUnauthorized(_logger);
                return TokenVerdict.Unavailable;
            default:
                // 403 among them: the service's user may not validate tokens.
                return Unavailable($"Keystone answers {(int)status}.");
        }
    }

    private TokenVerdict Unavailable(string reason)
    {
        KeystoneLog.CannotValidate(_logger, reason);
        return TokenVerdict.Unavailable;
    }
}
