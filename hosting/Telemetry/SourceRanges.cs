using System.Net;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Hosting.Telemetry;

/// <summary>Networks from which something may be asked that needs no token.</summary>
public sealed class SourceRanges
{
    // What a proxy leaves (oslo.middleware, ignore_proxied_requests). The last is what the framework makes of X-Forwarded-For where proxies are believed: then
    // the address is only what somebody wrote into that header.
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Real-IP", "Via", "X-Original-For"];

    private readonly IReadOnlyList<IPNetwork> _networks;

    private SourceRanges(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    /// <summary>Reads networks; a lone address is a network of one. A fault for each that is none.</summary>
    /// <param name="texts">The networks, such as <c>10.0.0.0/8</c>.</param>
    /// <param name="place">Where they stand, for the faults.</param>
    /// <param name="faults">Gets the faults.</param>
    public static SourceRanges Parse(IReadOnlyList<string> texts, string place, List<string> faults)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(text, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                faults.Add($"{place}: '{Printable.Escape(text, 100)}' is no network; write 10.0.0.0/8 or an address");
        }
        return new SourceRanges(networks);
    }

    /// <summary>True if an address is in one of them.</summary>
    public bool Contains(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(network => network.Contains(plain));
    }

    /// <summary>True for a request that comes straight from one of them, and not through a proxy, behind which anybody may be.</summary>
    public bool Contains(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return Contains(http.Connection.RemoteIpAddress) && !IsProxied(http);
    }

    /// <summary>True if a proxy says that it has passed the request on.</summary>
    public static bool IsProxied(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return ProxyHeaders.Any(http.Request.Headers.ContainsKey);
    }
}
