using Microsoft.AspNetCore.Authentication;

namespace Cyborg.Identity.Keystone;

/// <summary>Options of the scheme (<c>[keystone_authtoken]</c>).</summary>
public sealed class KeystoneOptions : AuthenticationSchemeOptions
{
    /// <summary>Who validates tokens. Needed.</summary>
    public TokenValidator? Validator { get; set; }

    /// <summary>Where a caller finds Keystone, told with a 401 (<c>www_authenticate_uri</c>). Needed.</summary>
    public string WwwAuthenticateUri { get; set; } = "";

    /// <summary>A service token with one of these roles makes its caller a service (<c>service_token_roles</c>); exact.</summary>
    public IReadOnlyList<string> ServiceTokenRoles { get; set; } = ["service"];

    /// <summary>True to refuse a request whose service token has none of these roles (<c>service_token_roles_required</c>). Default true,
    /// as Cyborg sets it.</summary>
    public bool ServiceTokenRolesRequired { get; set; } = true;

    /// <summary>True to let requests without a good token pass as nobody's (<c>delay_auth_decision</c>): policy then decides. Keystone away
    /// is 503 nevertheless.</summary>
    public bool DelayAuthDecision { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Validator is null)
            throw new InvalidOperationException("The Keystone scheme needs a token validator.");
        if (!IsHeaderSafe(WwwAuthenticateUri))
            throw new InvalidOperationException("www_authenticate_uri is missing, or has a character that is not allowed in a header.");
    }

    /// <summary>True for a text that can stand between quotes in a header.</summary>
    internal static bool IsHeaderSafe(string text) => text.Length > 0 && !text.Any(c => c is <= ' ' or > '~' or '"' or '\\');
}
