using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Cyborg.Keystone.Tests;

/// <summary>A folder of Keystone's public keys, and the private key of one of them, which signs as Keystone does: ES256, no <c>kid</c>.</summary>
internal sealed class JwsKeyFolder : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public JwsKeyFolder()
    {
        Add("public.pem", _key.ExportSubjectPublicKeyInfoPem());
        using var older = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Add("a-older.pem", older.ExportSubjectPublicKeyInfoPem());
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("cyborg-jws-").FullName;

    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public void Add(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

    public static string Payload(DateTimeOffset expires) => Payload(expires.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static string Payload(string expires) =>
        $$"""{"sub":"7d5e","iat":1600000000,"exp":{{expires}},"openstack_methods":["password"],"openstack_audit_ids":["x"],"openstack_project_id":"p1"}""";

    public string Sign(DateTimeOffset expires) => Sign("""{"alg":"ES256","typ":"JWT"}""", Payload(expires));

    public string Sign(string header, string payload, ECDsa? other = null)
    {
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString((other ?? _key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
