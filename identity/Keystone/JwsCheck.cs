using Cyborg.Identity.Session;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Cyborg.Identity.Keystone;

internal enum JwsVerdict
{
    /// <summary>No JWS: Keystone alone can tell.</summary>
    NotJws,
    /// <summary>Signed by Keystone and not expired; whether it was revoked, and its roles, only Keystone knows.</summary>
    Intact,
    /// <summary>Signed by Keystone, and expired.</summary>
    Expired,
    /// <summary>Not signed by Keystone, or no token at all.</summary>
    Forged,
}

/// <summary>Looks at Keystone's JWS tokens without asking it: signature (ES256 alone) and expiry.</summary>
/// <remarks>Keystone's own have no <c>kid</c>, so every key is tried; there are 32 at most, and a token has at most 16 KiB.</remarks>
internal sealed class JwsCheck(JwsKeys keys, TimeProvider time, ILogger logger)
{
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = TokenText.MaxLength, MapInboundClaims = false };

    public async Task<JwsVerdict> LookAtAsync(string token)
    {
        // Neither fernet nor uuid tokens have a dot; what has one must be a whole JWS.
        if (!token.Contains('.'))
            return JwsVerdict.NotJws;
        try
        {
            var result = await _handler.ValidateTokenAsync(token, Parameters()).ConfigureAwait(false);
            if (result is { IsValid: true, SecurityToken: JsonWebToken { ValidTo: var end, ValidFrom: var begin } } && end != DateTime.MinValue)
                return end <= time.GetUtcNow().UtcDateTime ? JwsVerdict.Expired : begin > time.GetUtcNow().UtcDateTime ? JwsVerdict.Forged : JwsVerdict.Intact;
            KeystoneLog.JwsRefused(logger, result.Exception?.GetType().Name ?? "no expiry");
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever a made-up token does to the parser: it is refused.
            KeystoneLog.JwsRefused(logger, fault.GetType().Name);
        }
        return JwsVerdict.Forged;
    }

    private TokenValidationParameters Parameters() => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        IssuerSigningKeys = keys.Current(),
        TryAllIssuerSigningKeys = true,
        RequireSignedTokens = true,
        ValidateIssuerSigningKey = true,
        // Keystone names neither; and the expiry is compared with our own clock, because an expired token may yet count.
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
        LogTokenId = false,
        IncludeTokenOnFailedValidation = false,
    };
}
