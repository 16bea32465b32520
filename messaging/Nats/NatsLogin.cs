using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NATS.Client.Core;
using NATS.NKeys;

namespace Cyborg.Messaging;

/// <summary>How a client shows who it is, and checks who the server is. Files are read at each connect, so that renewed ones count without a
/// restart; they are tried once before, so that a wrong one is named.</summary>
internal static class NatsLogin
{
    /// <summary>The client library's options of a login.</summary>
    public static NatsAuthOpts AuthOf(NatsTransportOptions options) => options switch
    {
        { User: { } user } => new NatsAuthOpts { Username = user, Password = options.Password },
        { Settings.SeedFile: { } file } => new NatsAuthOpts
        {
            AuthCredCallback = async (_, token) =>
                NatsAuthCred.FromNkey(SeedIn(await File.ReadAllTextAsync(file, token).ConfigureAwait(false), "[nats] seed_file")),
        },
        { Settings.CredentialsFile: { } file } => new NatsAuthOpts
        {
            AuthCredCallback = (_, _) => ValueTask.FromResult(NatsAuthCred.FromCredsFile(file)),
        },
        _ => new NatsAuthOpts(),
    };

    /// <summary>The client library's options of TLS.</summary>
    public static NatsTlsOpts TlsOf(NatsTransportOptions options) => new()
    {
        Mode = options.Tls ? TlsMode.Require : TlsMode.Auto,
        CaFile = options.Settings.CaFile,
        CertFile = options.Settings.CertificateFile,
        KeyFile = options.Settings.KeyFile,
    };

    /// <summary>Reads every file once.</summary>
    /// <exception cref="BusConnectionException">Names all faults, one a line, without what the files hold.</exception>
    public static async Task CheckFilesAsync(NatsSettings settings, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        foreach (var (option, file, check) in new (string, string?, Action<string>)[]
        {
            ("ca_file", settings.CaFile, CheckCertificates),
            ("cert_file", settings.CertificateFile, CheckCertificates),
            ("key_file", settings.KeyFile, _ => { }),
            ("seed_file", settings.SeedFile, text => SeedIn(text, "it")),
            ("credentials_file", settings.CredentialsFile, CheckCredentials),
        })
        {
            if (file is not null && await FaultOfAsync(file, check, cancellationToken).ConfigureAwait(false) is { } fault)
                faults.Add($"[nats] {option} {file}: {fault}");
        }
        if (faults.Count > 0)
            throw new BusConnectionException(string.Join('\n', faults));
    }

    private static async Task<string?> FaultOfAsync(string file, Action<string> check, CancellationToken cancellationToken)
    {
        try
        {
            check(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false));
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return "there is no such file.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "it can't be read.";
        }
        catch (Exception exception) when (exception is NKeysException or CryptographicException or FormatException)
        {
            return exception.Message;
        }
    }

    private static void CheckCertificates(string text)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        if (certificates.Count == 0)
            throw new FormatException("it has no certificate in PEM.");
        foreach (var certificate in certificates)
            certificate.Dispose();
    }

    private static void CheckCredentials(string text)
    {
        if (!text.Contains("-----BEGIN NATS USER JWT-----", StringComparison.Ordinal))
            throw new FormatException("it has no user JWT.");
        SeedIn(text, "it");
    }

    /// <summary>The user's seed in a file that has comments or a public key beside it.</summary>
    private static string SeedIn(string text, string what)
    {
        var seed = text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("SU", StringComparison.Ordinal))
            ?? throw new FormatException($"{what} has no seed of a user (SU...).");
        KeyPair.FromSeed(seed).Dispose();
        return seed;
    }
}
