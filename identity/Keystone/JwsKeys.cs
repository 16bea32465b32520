using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Cyborg.Identity.Keystone;

/// <summary>Keystone's public keys: the files <c>*.pem</c> of a folder, one ES256 key each, as Keystone's <c>jws_public_key_repository</c> has
/// them. Looked at once a second at most, read again when a name, a date or a size has changed. A folder that cannot be read, or has a file that is
/// no such key, changes nothing: the keys from before stay, and it is told.</summary>
internal sealed class JwsKeys(string folder, TimeProvider time, ILogger logger)
{
    private const int MaxFiles = 32;
    private const int MaxSize = 16 * 1024;
    private const string P256 = "1.2.840.10045.3.1.7";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<SecurityKey> _keys = [];
    private string? _stamp;
    private DateTimeOffset? _lookedAt;

    /// <summary>What keeps a folder from being used, in words that follow its name; null if it can be.</summary>
    public static string? FaultIn(string folder)
    {
        try
        {
            Read(Files(folder));
            return null;
        }
        catch (Exception fault) when (IsFault(fault))
        {
            return Words(fault);
        }
    }

    /// <summary>The keys as the folder has them now; none if it never could be read.</summary>
    public IReadOnlyList<SecurityKey> Current()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_lookedAt is { } before && now >= before && now - before < Pause)
                return _keys;
            _lookedAt = now;
            try
            {
                var files = Files(folder);
                var seen = string.Join('\n', files.Select(file => $"{file.Name} {file.LastWriteTimeUtc.Ticks} {file.Length}"));
                if (seen == _stamp)
                    return _keys;
                _stamp = seen;
                _keys = Read(files);
                KeystoneLog.JwsKeysRead(logger, _keys.Count);
            }
            catch (Exception fault) when (IsFault(fault))
            {
                KeystoneLog.JwsKeysBroken(logger, Words(fault));
            }
            return _keys;
        }
    }

    private static List<FileInfo> Files(string folder)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*.pem").Where(file => file.Name[0] != '.').Take(MaxFiles + 1)
            .OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        return files.Count is > 0 and <= MaxFiles ? files : throw new FormatException($"has {(files.Count == 0 ? "no" : "more than 32")} *.pem files");
    }

    private static List<SecurityKey> Read(IEnumerable<FileInfo> files) => [.. files.Select(Read)];

    private static JsonWebKey Read(FileInfo file)
    {
        if (file.Length > MaxSize)
            throw new FormatException($"has a file that is too long for a key: {file.Name}");
        var text = File.ReadAllText(file.FullName);
        // A private key would do, too; but here it is in the wrong place.
        if (!PemEncoding.TryFind(text, out var found) || text[found.Label] != "PUBLIC KEY")
            throw new FormatException($"has a file that is no public key in PEM: {file.Name}");
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            var parameters = key.ExportParameters(includePrivateParameters: false);
            // As a JSON web key, of which each verification at the same time makes a key object of its own.
            if (parameters.Curve.Oid?.Value == P256)
            {
                return new JsonWebKey
                {
                    Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
                    Crv = JsonWebKeyECTypes.P256,
                    X = Base64UrlEncoder.Encode(parameters.Q.X),
                    Y = Base64UrlEncoder.Encode(parameters.Q.Y),
                };
            }
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException)
        {
            // Said below, with the file's name.
        }
        throw new FormatException($"has a file that is no ES256 key: {file.Name}");
    }

    private static bool IsFault(Exception fault) => fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException;

    private static string Words(Exception fault) => fault is FormatException ? fault.Message : $"cannot be read ({fault.GetType().Name})";
}
