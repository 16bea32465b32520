using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Identity.Keystone;

/// <summary>Constants of the scheme with Keystone's tokens (<c>[api] auth_strategy = keystone</c>).</summary>
public static class KeystoneDefaults
{
    /// <summary>Name of the scheme.</summary>
    public const string Scheme = "Keystone";

    /// <summary>Header of the caller's token.</summary>
    public const string TokenHeader = "X-Auth-Token";

    /// <summary>Header of the token of the service that passes the caller's call on.</summary>
    public const string ServiceTokenHeader = "X-Service-Token";

    private static readonly FrozenSet<string> ForgeableHeaders = new[]
    {
        "X-Identity-Status", "X-Service-Identity-Status",
        "X-Domain-Id", "X-Domain-Name", "X-Service-Domain-Id", "X-Service-Domain-Name",
        "X-Project-Id", "X-Project-Name", "X-Project-Domain-Id", "X-Project-Domain-Name",
        "X-Service-Project-Id", "X-Service-Project-Name", "X-Service-Project-Domain-Id", "X-Service-Project-Domain-Name",
        "X-User-Id", "X-User-Name", "X-User-Domain-Id", "X-User-Domain-Name",
        "X-Service-User-Id", "X-Service-User-Name", "X-Service-User-Domain-Id", "X-Service-User-Domain-Name",
        "X-Roles", "X-Service-Roles", "X-Role", "X-Is-Admin-Project", "X-Service-Catalog", "OpenStack-System-Scope",
        "X-User", "X-Tenant", "X-Tenant-Id", "X-Tenant-Name",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes out the headers by which keystonemiddleware tells a Python service who calls. Ours reads none; they leave each request, so that nothing
    /// behind it ever trusts a caller's own.</summary>
    internal static void RemoveForgeable(IHeaderDictionary headers)
    {
        List<string>? forged = null;
        foreach (var (name, _) in headers)
        {
            if (ForgeableHeaders.Contains(name))
                (forged ??= []).Add(name);
        }
        foreach (var name in forged ?? [])
            headers.Remove(name);
    }
}
