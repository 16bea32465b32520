using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Cyborg.Identity.Session;

/// <summary>The connections of a session.</summary>
internal static class ServiceHandler
{
    /// <exception cref="IOException">A file of certificates cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It is no such file.</exception>
    public static SocketsHttpHandler Create(KeystoneSessionOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.CaFile is not null)
            tls.CertificateChainPolicy = OnlyRootsOf(options.CaFile);
        if (options.CertFile is not null)
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile)];
        if (options.Insecure)
        {
#pragma warning disable CA5359 // The operator wrote insecure = true; the start says what that means.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        return new SocketsHttpHandler
        {
            // A redirect could carry a token elsewhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            // Follows a change of the name's address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 64,
            SslOptions = tls,
        };
    }

    private static X509ChainPolicy OnlyRootsOf(string file)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
