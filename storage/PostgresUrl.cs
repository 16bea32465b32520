using System.Collections.Frozen;
using System.Globalization;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>What stands behind <c>postgresql://</c>: libpq's URL, with libpq's arguments where Npgsql has them.</summary>
internal static class PostgresUrl
{
    /// <summary>Arguments of libpq and of SQLAlchemy's drivers that do nothing here, or that Npgsql decides by itself.</summary>
    private static readonly FrozenSet<string> s_ignored = new[]
    {
        "client_encoding", "fallback_application_name", "gssencmode", "gsslib", "krbsrvname", "requirepeer", "sslcompression", "sslcrl",
        "sslcrldir", "sslsni", "replication", "keepalives_count", "keepalives_interval", "tcp_user_timeout", "hostaddr",
        "executemany_mode", "prepared_statement_cache_size", "async_fallback", "load_balance_hosts",
        "ssl_min_protocol_version", "ssl_max_protocol_version",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, Action<NpgsqlConnectionStringBuilder, string>> s_known =
        new Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>>
        {
            ["user"] = (to, value) => to.Username = value,
            ["password"] = (to, value) => to.Password = value,
            ["dbname"] = (to, value) => to.Database = value,
            ["port"] = (to, value) => to.Port = Number("port", value, 1, 65535),
            ["passfile"] = (to, value) => to.Passfile = value,
            ["application_name"] = (to, value) => to.ApplicationName = value,
            ["connect_timeout"] = (to, value) => to.Timeout = Number("connect_timeout", value, 0, 1024),
            ["options"] = (to, value) => to.Options = value,
            ["sslmode"] = (to, value) => to.SslMode = Ssl(value),
            ["ssl"] = (to, value) => to.SslMode = Ssl(value),
            ["sslrootcert"] = (to, value) => to.RootCertificate = value,
            ["sslcert"] = (to, value) => to.SslCertificate = value,
            ["sslkey"] = (to, value) => to.SslKey = value,
            ["sslpassword"] = (to, value) => to.SslPassword = value,
            ["channel_binding"] = (to, value) => to.ChannelBinding = Binding(value),
            ["target_session_attrs"] = (to, value) => to.TargetSessionAttributes = value,
            ["keepalives"] = (to, value) => to.TcpKeepAlive = value != "0",
            ["keepalives_idle"] = (to, value) => to.TcpKeepAliveTime = Number("keepalives_idle", value, 0, int.MaxValue),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <param name="rest">The URL without its scheme.</param>
    public static NpgsqlConnectionStringBuilder Parse(string rest)
    {
        var settings = new NpgsqlConnectionStringBuilder { ApplicationName = "cyborg", Port = 5432 };
        TakeUser(ref rest, settings);
        var arguments = DatabaseUrl.TakeArguments(ref rest);

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var hosts = slash < 0 ? rest : rest[..slash];
        if (slash >= 0) settings.Database = DatabaseUrl.Decode(rest[(slash + 1)..]);
        SetHosts(settings, hosts, arguments);

        foreach (var (name, value) in arguments)
        {
            if (IsHost(name) || s_ignored.Contains(name)) continue;
            if (!s_known.TryGetValue(name, out var set))
            {
                var known = string.Join(", ", s_known.Keys.Append("host").Order(StringComparer.Ordinal));
                throw DatabaseUrl.Bad($"an argument of the URL is unknown; known are {known}");
            }


            Set(settings, name, value, set);
        }

        if (string.IsNullOrEmpty(settings.Database)) throw DatabaseUrl.Bad("no database: write postgresql://user:password@host/cyborg");
        return settings;
    }

    /// <summary>As SQLAlchemy reads it, a password may hold anything but <c>@</c>, and a user name neither <c>:</c> nor <c>/</c>.</summary>
    private static void TakeUser(ref string rest, NpgsqlConnectionStringBuilder settings)
    {
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return;
        var parts = rest[..at].Split(':', 2);
        if (parts[0].AsSpan().ContainsAny('/', '?')) return;

        if (parts[0].Length > 0) settings.Username = DatabaseUrl.Decode(parts[0]);
        if (parts.Length == 2 && parts[1].Length > 0) settings.Password = DatabaseUrl.Decode(parts[1]);
        rest = rest[(at + 1)..];
    }

    /// <summary>Hosts stand before the database or in arguments (<c>host=/path</c> is the folder of a Unix socket); one or several.</summary>
    private static void SetHosts(NpgsqlConnectionStringBuilder settings, string authority, List<(string Name, string Value)> arguments)
    {
        if (authority.Contains('@', StringComparison.Ordinal))
            throw DatabaseUrl.Bad("more than one @: write %40 for an @ in the user name or the password");
        var named = authority.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Concat(arguments.Where(pair => IsHost(pair.Name)).SelectMany(pair => pair.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)));
        List<(string Name, int? Port)> hosts = [.. named.Select(Host)];
        if (hosts is [])
        {
            settings.Host = "localhost";
        }
        else if (hosts is [var (name, port)])
        {
            settings.Host = name;
            if (port is { } number) settings.Port = number;
        }
        else
        {
            settings.Host = string.Join(',', hosts.Select(host => string.Create(CultureInfo.InvariantCulture, $"{host.Name}:{host.Port ?? 5432}")));
        }
    }

    private static bool IsHost(string argument) => argument.Equals("host", StringComparison.OrdinalIgnoreCase);

    /// <summary>One <c>host</c>, <c>host:port</c>, <c>[ipv6]:port</c>, <c>:port</c>, or the folder of a socket.</summary>
    private static (string Name, int? Port) Host(string part)
    {
        if (part.StartsWith('/')) return (part, null);
        var end = part.StartsWith('[') ? part.IndexOf(']', StringComparison.Ordinal) + 1 : 0;
        if (part.StartsWith('[') && end == 0) throw DatabaseUrl.Bad("an IPv6 address lacks its ]");
        var colon = part.IndexOf(':', end);
        var name = DatabaseUrl.Decode(colon < 0 ? part : part[..colon]);
        if (name.Length == 0) name = "localhost";
        return colon < 0 || colon == part.Length - 1 ? (name, null) : (name, Number("port", part[(colon + 1)..], 1, 65535));
    }

    private static void Set(NpgsqlConnectionStringBuilder settings, string name, string value, Action<NpgsqlConnectionStringBuilder, string> set)
    {
        try
        {
            set(settings, value);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidOperationException)
        {
            throw DatabaseUrl.Bad($"bad value of {name}");
        }
    }

    private static int Number(string name, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw DatabaseUrl.Bad($"{name} must be a number from {min} to {max}");

    private static SslMode Ssl(string value) => value.ToLowerInvariant() switch
    {
        "disable" or "false" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" or "true" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw DatabaseUrl.Bad("sslmode must be disable, allow, prefer, require, verify-ca or verify-full"),
    };

    private static ChannelBinding Binding(string value) => value.ToLowerInvariant() switch
    {
        "disable" => ChannelBinding.Disable,
        "prefer" => ChannelBinding.Prefer,
        "require" => ChannelBinding.Require,
        _ => throw DatabaseUrl.Bad("channel_binding must be disable, prefer or require"),
    };
}
