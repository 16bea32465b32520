namespace Cyborg.Hosting;

/// <summary>How the bus is entered, beside the user and password that <c>[DEFAULT] transport_url</c> may hold.</summary>
public sealed record NatsOptions
{
    /// <summary><c>[nats] ca_file</c>.</summary>
    public static readonly Option<string?> CaFileOption = Options.OptionalString(
        "nats", "ca_file", "Certificates, PEM, that the bus server's certificate must lead to; the machine's own if not set. Setting it asks for TLS.");

    /// <summary><c>[nats] cert_file</c>.</summary>
    public static readonly Option<string?> CertFileOption = Options.OptionalString(
        "nats", "cert_file", "Certificate, PEM, with which this service shows itself to the bus server; needs key_file.");

    /// <summary><c>[nats] key_file</c>.</summary>
    public static readonly Option<string?> KeyFileOption = Options.OptionalString("nats", "key_file", "Private key of cert_file, PEM.");

    /// <summary><c>[nats] seed_file</c>.</summary>
    public static readonly Option<string?> SeedFileOption = Options.OptionalString(
        "nats", "seed_file", "File with the seed of the NKey to log in with (SU...).");

    /// <summary><c>[nats] credentials_file</c>.</summary>
    public static readonly Option<string?> CredentialsFileOption = Options.OptionalString(
        "nats", "credentials_file", "File with the user JWT and the seed to log in with, as nsc writes it (.creds).");

    /// <summary><c>[nats] inbox_prefix</c>.</summary>
    public static readonly Option<string?> InboxPrefixOption = Options.OptionalString(
        "nats", "inbox_prefix",
        "Begin of the subjects on which this service gets its answers; each user of the bus has the right to its own. "
        + "If not set: _INBOX_api, _INBOX_conductor, _INBOX_agent.HOST.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [CaFileOption, CertFileOption, KeyFileOption, SeedFileOption, CredentialsFileOption, InboxPrefixOption];

    /// <summary>Certificates to trust; null for the machine's own.</summary>
    public string? CaFile { get; init; }

    /// <summary>Certificate of this service; null for none.</summary>
    public string? CertFile { get; init; }

    /// <summary>Its key; null for none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File with an NKey's seed; null for none.</summary>
    public string? SeedFile { get; init; }

    /// <summary>Credentials file; null for none.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Begin of the inboxes; null for the one named after the role.</summary>
    public string? InboxPrefix { get; init; }

    /// <summary>Reads them; whoever connects with them checks what they name.</summary>
    public static NatsOptions From(CyborgConfig config) => new()
    {
        CaFile = config.Get(CaFileOption),
        CertFile = config.Get(CertFileOption),
        KeyFile = config.Get(KeyFileOption),
        SeedFile = config.Get(SeedFileOption),
        CredentialsFile = config.Get(CredentialsFileOption),
        InboxPrefix = config.Get(InboxPrefixOption),
    };
}
