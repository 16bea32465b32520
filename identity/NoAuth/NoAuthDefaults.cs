using System.Net;

namespace Cyborg.Identity.NoAuth;

/// <summary>Constants of the scheme without authentication (<c>[api] auth_strategy = noauth</c>).</summary>
public static class NoAuthDefaults
{
    /// <summary>Name of the scheme.</summary>
    public const string Scheme = "NoAuth";

    /// <summary>Project of a caller who does not say another.</summary>
    public const string ProjectId = "c1b0c0de00000000000000000000face";

    /// <summary>User of a caller who does not say another.</summary>
    public const string UserId = "c1b0c0de00000000000000000000beef";

    /// <summary>Header of another project; empty for none.</summary>
    public const string ProjectIdHeader = "X-Project-Id";

    /// <summary>Header of another user; empty for none.</summary>
    public const string UserIdHeader = "X-User-Id";

    /// <summary>Header of other roles, separated by commas; empty for none.</summary>
    public const string RolesHeader = "X-Roles";

    /// <summary>Header of other roles of the service that passes the call on; empty for none.</summary>
    public const string ServiceRolesHeader = "X-Service-Roles";

    /// <summary>True for an address on which the scheme may be served: one that only this machine reaches. Names other than
    /// <c>localhost</c> are not, because what they resolve to may change.</summary>
    /// <param name="host">An IP address, with or without brackets, or a name.</param>
    public static bool IsLoopback(string host)
    {
        var text = host is ['[', .., ']'] ? host[1..^1] : host;
        if (text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return IPAddress.TryParse(text, out var address) && IsLoopback(address);
    }

    /// <summary>True for an address of this machine's loopback, also if an IPv4 one is written as IPv6.</summary>
    /// <param name="address">The address.</param>
    public static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
