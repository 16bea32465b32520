using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Identity.Keystone;

/// <summary>Knows callers whose tokens are remembered as good ones, without an authentication handler for each request. Whoever is not known here is the
/// handler's to judge, so a refusal is never decided here; and what is decided is what <see cref="KeystoneHandler"/> would decide.</summary>
internal sealed class RememberedCallers(KeystoneOptions options)
{
    private readonly TokenValidator _validator = options.Validator!;

    // As long as the token's verdict is remembered. One caller comes with the same service's token for an hour, so the last one is enough.
    private readonly ConditionalWeakTable<TokenData, Known> _known = [];

    /// <summary>The caller of a request; null if the handler has to look at it. Takes the headers out that a caller could forge.</summary>
    public ClaimsPrincipal? Find(IHeaderDictionary headers)
    {
        KeystoneDefaults.RemoveForgeable(headers);
        var tokens = headers[KeystoneDefaults.TokenHeader];
        var serviceTokens = headers[KeystoneDefaults.ServiceTokenHeader];
        if (tokens.Count != 1 || tokens[0] is not { } token || serviceTokens.Count > 1)
            return null;
        TokenData? service = null;
        if (serviceTokens.Count == 1)
        {
            service = _validator.FindRemembered(serviceTokens[0] ?? "", allowExpired: false);
            if (service is null || (options.ServiceTokenRolesRequired && !service.HasAnyRole(options.ServiceTokenRoles)))
                return null;
        }
        var allowExpired = service?.HasAnyRole(options.ServiceTokenRoles) ?? false;
        return _validator.FindRemembered(token, allowExpired) is { } caller ? PrincipalOf(caller, service) : null;
    }

    private CredentialsPrincipal PrincipalOf(TokenData caller, TokenData? service)
    {
        if (_known.TryGetValue(caller, out var known) && ReferenceEquals(known.Service, service))
            return known.Principal;
        var made = new Known(service, new CredentialsPrincipal(caller.ToCredentials(service, options.ServiceTokenRoles), KeystoneDefaults.Scheme));
        _known.AddOrUpdate(caller, made);
        return made.Principal;
    }

    private sealed record Known(TokenData? Service, CredentialsPrincipal Principal);
}
