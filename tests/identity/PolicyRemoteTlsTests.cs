using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cyborg.Identity.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Cyborg.Identity.Tests;

/// <summary>Who proves what to whom in <c>https:</c> checks.</summary>
public sealed class PolicyRemoteTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task True(HttpContext http) => http.Response.WriteAsync("True", Cancel);

    private static async Task<bool> AllowsAsync(string check, RemoteCheckOptions options)
    {
        using var enforcer = PolicyEnforcer.Load(PolicyAsk.Pairs("asked", check), new PolicySource { Remote = options });
        return await enforcer.AllowsAsync("asked", new Dictionary<string, string?>(), Credentials.Nobody, Cancel);
    }

    [Fact]
    public async Task An_https_server_is_verified_unless_told_otherwise()
    {
        using var files = new PolicyFolder();
        using var certificate = Certificate("localhost", files, "server");
        await using var server = await PolicyServer.StartAsync(True, tls => tls.ServerCertificate = certificate, Cancel);
        var check = $"https:{server.Host}/";
        Assert.False(await AllowsAsync(check, new()));
        Assert.True(await AllowsAsync(check, new() { VerifyServer = false }));
        Assert.True(await AllowsAsync(check, new() { CaFile = files.Path("server.crt") }));
        using var other = Certificate("localhost", files, "other");
        Assert.False(await AllowsAsync(check, new() { CaFile = files.Path("other.crt") }));
        Assert.Equal(2, server.Seen.Count);
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        using var files = new PolicyFolder();
        using var certificate = Certificate("localhost", files, "server");
        using var client = Certificate("cyborg", files, "client");
        void Tls(HttpsConnectionAdapterOptions tls)
        {
            tls.ServerCertificate = certificate;
            tls.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            tls.ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == client.Thumbprint;
        }
        await using var server = await PolicyServer.StartAsync(True, Tls, Cancel);
        var options = new RemoteCheckOptions { CaFile = files.Path("server.crt") };
        Assert.False(await AllowsAsync($"https:{server.Host}/", options));
        var withClient = options with { ClientCertificateFile = files.Path("client.crt"), ClientKeyFile = files.Path("client.key") };
        Assert.True(await AllowsAsync($"https:{server.Host}/", withClient));
    }

    [Fact]
    public void Certificates_that_cannot_be_read_stop_the_start()
    {
        using var files = new PolicyFolder();
        files.Write("empty.pem", "nothing");
        RemoteCheckOptions[] bad =
        [
            new() { CaFile = files.Path("missing.pem") },
            new() { CaFile = files.Path("empty.pem") },
            new() { ClientCertificateFile = files.Path("missing.pem") },
            new() { ClientCertificateFile = files.Path("empty.pem") },
        ];
        Assert.All(bad, options =>
        {
            var fault = Assert.Throws<PolicyLoadException>(() => PolicyEnforcer.Load([], new PolicySource { Remote = options }));
            Assert.Contains(".pem: cannot be read", fault.Message);
        });
    }

    private static X509Certificate2 Certificate(string name, PolicyFolder files, string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        files.Write(file + ".crt", certificate.ExportCertificatePem());
        files.Write(file + ".key", key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
