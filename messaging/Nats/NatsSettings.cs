namespace Cyborg.Messaging;

/// <summary>What <c>[nats]</c> says beside the URL; paths are those of PEM, seed and credentials files.</summary>
public sealed record NatsSettings
{
    /// <summary>Who connects: <c>api</c>, <c>conductor</c> or what <see cref="AgentRole"/> says. The server shows it, and inboxes are named after it.
    /// A subject without wildcards.</summary>
    public string Role { get; init; } = "cyborg";

    /// <summary>Certificates that sign the server's certificate; null for the machine's own. Set, it makes TLS a must.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client's certificate; needs <see cref="KeyFile"/>.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The key of <see cref="CertificateFile"/>, unencrypted.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File with the seed of a user's NKey, for servers that list public keys. Read at each connect.</summary>
    public string? SeedFile { get; init; }

    /// <summary>File with a user's JWT and seed (<c>.creds</c>), for servers with operator and accounts. Read at each connect.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Begin of every inbox of this process, which the server's permissions name; null for <c>_INBOX_</c> and the role, e.g.
    /// <c>_INBOX_api</c> or <c>_INBOX_agent.compute1</c>.</summary>
    public string? InboxPrefix { get; init; }

    /// <summary>Time for one attempt to connect: TCP, TLS and login each. 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>True to wait at start until a server is there; false to fail at once.</summary>
    public bool WaitForServer { get; init; } = true;

    /// <summary>The role of a host's agent: <c>agent.HOST</c>, the host encoded as in every subject.</summary>
    /// <param name="host">The host's name on the bus.</param>
    public static string AgentRole(string host) => "agent." + HostToken.Encode(host);
}
