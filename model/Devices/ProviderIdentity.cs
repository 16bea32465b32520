using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Cyborg.Model;

/// <summary>Identity of a deployable's resource provider, computed as upstream does (cyborg/conductor/manager.py), so that a cloud that
/// moves keeps its providers.</summary>
public static class ProviderIdentity
{
    private static readonly byte[] DnsNamespace = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8").ToByteArray(bigEndian: true);

    /// <summary>UUID version 3 (RFC 9562, section 5.3) of the deployable's name in the DNS name space.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "The RFC prescribes MD5; nothing secret is hashed.")]
    public static Guid Uuid(string deployableName)
    {
        var hash = MD5.HashData([.. DnsNamespace, .. Encoding.UTF8.GetBytes(deployableName)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x30);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
