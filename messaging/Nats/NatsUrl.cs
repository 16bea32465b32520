namespace Cyborg.Messaging;

/// <summary>The parts of a NATS URL: <c>nats://user:password@host:4222,host2,...</c> or <c>nats://user:password@host,nats://host2</c>. Pure.</summary>
/// <param name="Servers">Addresses without credentials, <c>scheme://host:port</c>.</param>
/// <param name="Tls">True with <c>tls://</c>.</param>
/// <param name="User">User, decoded; null for none.</param>
/// <param name="Password">Password, decoded; null for none.</param>
internal sealed record NatsUrl(IReadOnlyList<string> Servers, bool Tls, string? User, string? Password)
{
    private const int DefaultPort = 4222;

    /// <summary>Reads a URL. Texts of faults name the place of a server in the list, never what stands there: it may be a password.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="faults">Gets what is wrong.</param>
    /// <returns>What was understood; of no use if there are faults.</returns>
    public static NatsUrl Read(string url, List<string> faults)
    {
        var (servers, scheme) = (new List<string>(), (string?)null);
        (string User, string Password)? login = null;
        foreach (var (place, text) in url.Split(',').Index())
        {
            var where = $"transport_url, server {place + 1}";
            var rest = TakeScheme(text.Trim(), ref scheme, where, faults);
            var at = rest.LastIndexOf('@');
            if (at >= 0 && ReadLogin(rest[..at], where, faults) is { } own)
            {
                if (login is { } other && other != own)
                    faults.Add($"{where}: another user or password than before; all servers of a bus know the same users.");
                login ??= own;
            }
            if (ReadAddress(rest[(at + 1)..]) is { } address)
                servers.Add($"{scheme}://{address}");
            else
                faults.Add($"{where}: no host, or no port between 1 and 65535; write host:4222.");
        }
        return new NatsUrl(servers, scheme == "tls", login?.User, login?.Password);
    }

    private static string TakeScheme(string text, ref string? scheme, string where, List<string> faults)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
        {
            if (scheme is null)
                faults.Add($"{where}: no scheme; write nats:// or tls://.");
            scheme ??= "nats";
            return text;
        }
        var own = text[..end].ToLowerInvariant();
        if (own is not ("nats" or "tls"))
            faults.Add($"{where}: not the URL of a NATS server; write nats:// or tls://.");
        else if (scheme is not null && scheme != own)
            faults.Add($"{where}: another scheme than before; write nats:// or tls:// for all.");
        scheme ??= own;
        return text[(end + 3)..];
    }

    private static (string User, string Password)? ReadLogin(string text, string where, List<string> faults)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == text.Length - 1)
        {
            faults.Add($"{where}: a login needs both; write user:password@host.");
            return null;
        }
        if (Decode(text[..colon]) is { } user && Decode(text[(colon + 1)..]) is { } password)
            return (user, password);
        faults.Add($"{where}: user or password has a character that must be percent-encoded (% : / @ ? # and comma).");
        return null;
    }

    private static string? Decode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '/' or '@' or '?' or '#' or ':' || char.IsControl(text[i]))
                return null;
            if (text[i] == '%' && !(i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])))
                return null;
        }
        return Uri.UnescapeDataString(text);
    }

    private static string? ReadAddress(string text)
    {
        // A trailing slash is what is left of another broker's virtual host.
        text = text.EndsWith('/') ? text[..^1] : text;
        var colon = text.LastIndexOf(':');
        var hasPort = colon >= 0 && !text.EndsWith(']');
        var (host, port) = hasPort ? (text[..colon], text[(colon + 1)..]) : (text, $"{DefaultPort}");
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            && (host.StartsWith('[') || Uri.CheckHostName(host) != UriHostNameType.IPv6)
            && ushort.TryParse(port, out var number) && number > 0
            ? $"{host}:{number}"
            : null;
    }
}
