using System.Globalization;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>The URL of <c>[database] connection</c> is not one that Cyborg can use. The message is one line, says what to write instead, and
/// never holds the user's password.</summary>
public sealed class DatabaseUrlException : Exception
{
    internal DatabaseUrlException(string message) : base(message)
    {
    }
}

/// <summary>A database URL as SQLAlchemy spells it, read: <c>postgresql[+driver]://user:password@host:port/db?args</c>,
/// <c>sqlite:////absolute/path</c>, <c>sqlite:///relative/path</c>. User, password, host, database and arguments are percent-decoded.
/// Not a record: it must not print itself.</summary>
internal sealed class DatabaseUrl
{
    private const string Expected = "write postgresql://user:password@host/cyborg or sqlite:////path/to/cyborg.db";

    /// <summary>Settings for Npgsql, or null on SQLite.</summary>
    public NpgsqlConnectionStringBuilder? Postgres { get; private init; }

    /// <summary>The file, or null on PostgreSQL.</summary>
    public string? SqlitePath { get; private init; }

    /// <exception cref="DatabaseUrlException">It is malformed, or names another database.</exception>
    public static DatabaseUrl Parse(string url)
    {
        var colon = url.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0) throw Bad($"not a URL: {Expected}");
        var dialect = url[..colon].Split('+')[0].ToLowerInvariant();
        var rest = url[(colon + 3)..];
        return dialect switch
        {
            "postgresql" or "postgres" => new DatabaseUrl { Postgres = PostgresUrl.Parse(rest) },
            "sqlite" => new DatabaseUrl { SqlitePath = ParseSqlite(rest) },
            // The scheme of a mangled URL may hold anything: repeated only if it looks like a name.
            _ when dialect.All(char.IsAsciiLetterOrDigit) => throw Bad($"{dialect} is not supported: {Expected}"),
            _ => throw Bad($"not a URL: {Expected}"),
        };
    }

    /// <summary>Takes the argument part off a URL and reads it.</summary>
    internal static List<(string Name, string Value)> TakeArguments(ref string rest)
    {
        var arguments = new List<(string, string)>();
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        if (question < 0) return arguments;
        foreach (var pair in rest[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length < 2) throw Bad("an argument of the URL has no value");
            arguments.Add((Decode(parts[0]), Decode(parts[1].Replace('+', ' '))));
        }

        rest = rest[..question];
        return arguments;
    }

    internal static string Decode(string text)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
                throw Bad("a % that is not followed by two hexadecimal digits; write %25 for the sign itself");
        }

        return Uri.UnescapeDataString(text);
    }

    internal static DatabaseUrlException Bad(string what) => new($"[database] connection: {what}");

    private static string ParseSqlite(string rest)
    {
        // SQLAlchemy's own arguments of SQLite (timeout, check_same_thread, ...) tune pysqlite; they mean nothing here.
        TakeArguments(ref rest);
        if (!rest.StartsWith('/')) throw Bad("sqlite takes no host: write sqlite:////absolute/path or sqlite:///relative/path");
        var path = Decode(rest[1..]);
        if (path.Length == 0 || path == ":memory:" || path.StartsWith("file:", StringComparison.Ordinal) || path.EndsWith('/'))
            throw Bad("sqlite needs a file, which its connections can share: write sqlite:////absolute/path");
        return path.Contains('\0', StringComparison.Ordinal) ? throw Bad("the path holds a NUL") : path;
    }
}
