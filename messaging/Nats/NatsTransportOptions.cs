namespace Cyborg.Messaging;

/// <summary>Everything a connection to a NATS server needs; made by <see cref="Parse"/>.</summary>
public sealed record NatsTransportOptions
{
    /// <summary>Addresses of the servers of one bus, <c>nats://host:port</c> or <c>tls://host:port</c>, without credentials.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>True if a connection without TLS is refused.</summary>
    public bool Tls { get; init; }

    /// <summary>User; null for a login by key, by certificate or none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>The values beside the URL.</summary>
    public NatsSettings Settings { get; init; } = new();

    /// <summary>Begin of every inbox of this process.</summary>
    public required string InboxPrefix { get; init; }

    /// <summary>Wait after the first failed attempt to connect again; each further one doubles it. 250 ms. Up to as much again is added at random.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two attempts. 5 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages that wait for one subscription's consumer; more are dropped. 65,536.</summary>
    public int MaxPendingMessages { get; init; } = 65_536;

    /// <summary>Bytes that wait for one subscription's consumer; messages over it are dropped. 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Reads a URL and the values beside it; looks at no file. <c>%XX</c> in user and password is decoded. The scheme may stand once or
    /// before each server, the login at the first server or at each; without a port it is 4222.</summary>
    /// <param name="transportUrl">E.g. <c>nats://user:password@host:4222,host2:4222</c> or <c>tls://host</c>.</param>
    /// <param name="settings">The values of <c>[nats]</c>.</param>
    /// <exception cref="FormatException">Names all faults, one a line, never what the URL says.</exception>
    public static NatsTransportOptions Parse(string transportUrl, NatsSettings settings)
    {
        ArgumentNullException.ThrowIfNull(transportUrl);
        ArgumentNullException.ThrowIfNull(settings);
        var faults = new List<string>();
        var url = NatsUrl.Read(transportUrl, faults);
        faults.AddRange(Faults(url, settings));
        if (faults.Count > 0)
            throw new FormatException(string.Join('\n', faults));
        return new NatsTransportOptions
        {
            Servers = url.Servers,
            Tls = url.Tls || settings.CaFile is not null || settings.CertificateFile is not null,
            User = url.User,
            Password = url.Password,
            Settings = settings,
            InboxPrefix = settings.InboxPrefix ?? "_INBOX_" + settings.Role,
        };
    }

    /// <summary>The values without the password.</summary>
    public override string ToString() =>
        $"NatsTransportOptions {{ Servers = {string.Join(',', Servers)}, Tls = {Tls}, User = {User}, InboxPrefix = {InboxPrefix} }}";

    private static IEnumerable<string> Faults(NatsUrl url, NatsSettings settings)
    {
        if ((settings.CertificateFile is null) != (settings.KeyFile is null))
            yield return "[nats] cert_file and key_file: one needs the other.";
        var logins = new[] { url.User, settings.SeedFile, settings.CredentialsFile }.Count(login => login is not null);
        if (logins > 1)
            yield return "More than one login: a user in transport_url, [nats] seed_file and credentials_file exclude each other.";
        if (!IsSubject(settings.Role))
            yield return "The role is no subject: write words without blanks, * or >, with dots between them.";
        if (settings.InboxPrefix is { } prefix && !IsSubject(prefix))
            yield return "[nats] inbox_prefix is no subject: write words without blanks, * or >, with dots between them.";
        if (settings.ConnectTimeout <= TimeSpan.Zero || settings.ConnectTimeout > TimeSpan.FromHours(1))
            yield return $"[nats] connect_timeout is {settings.ConnectTimeout}; more than nothing and at most an hour are possible.";
    }

    private static bool IsSubject(string prefix)
    {
        try
        {
            SubjectPattern.Check(prefix, wildcards: false);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
