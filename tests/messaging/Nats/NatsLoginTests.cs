using Cyborg.TestServers;
using NATS.NKeys;

namespace Cyborg.Messaging.Tests;

/// <summary>Logins to a real server, and what is said when it refuses.</summary>
public sealed class NatsLoginTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-login-").FullName;
    private readonly LogList _logs = new();
    private NatsServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _logs.Dispose();
    }

    private async Task StartAsync(string config) => _server = await NatsServer.RequireAsync(config, cancellation: Token);

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private async Task<NatsTransport> ConnectAsync(NatsSettings? settings = null, string login = "", string scheme = "nats")
    {
        // A refusal is told at once, whether or not a missing server would be waited for.
        var options = NatsTransportOptions.Parse($"{scheme}://{login}{_server!.Address}", (settings ?? new NatsSettings()) with { ConnectTimeout = TimeSpan.FromMinutes(1) });
        return await NatsTransport.ConnectAsync(options, _logs, TimeProvider.System, Token);
    }

    private async Task WorksAsync(NatsSettings? settings = null, string login = "", string scheme = "nats")
    {
        await using var transport = await ConnectAsync(settings, login, scheme);
        var probe = new Probe();
        await transport.SubscribeAsync("s", null, probe.Take, Token);
        await transport.PublishAsync("s", null, "hello"u8.ToArray(), Token);
        Assert.Equal("hello", await probe.NextTextAsync());
    }

    private async Task<string> RefusedAsync(NatsSettings? settings = null, string login = "", string scheme = "nats", params string[] secrets)
    {
        var fault = await Assert.ThrowsAsync<BusConnectionException>(() => ConnectAsync(settings, login, scheme));
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, fault.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, _logs.Text, StringComparison.Ordinal);
        }
        TestContext.Current.TestOutputHelper!.WriteLine(fault.Message);
        return fault.Message;
    }

    [Fact]
    public async Task A_user_logs_in_with_a_password()
    {
        await StartAsync("""authorization { users: [ { user: "al:ice", password: "p@ss/w%rd" } ] }""");
        await WorksAsync(login: "al%3Aice:p%40ss%2Fw%25rd@");
        Assert.Contains("user al:ice", await RefusedAsync(login: "al%3Aice:hunter2@", secrets: "hunter2"), StringComparison.Ordinal);
        Assert.Contains("user bob", await RefusedAsync(login: "bob:hunter2@", secrets: "hunter2"), StringComparison.Ordinal);
        Assert.Contains("without a user", await RefusedAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("p@ss", _logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_logs_in_with_an_NKey()
    {
        using var pair = KeyPair.CreatePair(PrefixByte.User);
        using var stranger = KeyPair.CreatePair(PrefixByte.User);
        await StartAsync($"authorization {{ users: [ {{ nkey: {pair.GetPublicKey()} }} ] }}");
        await WorksAsync(new NatsSettings { SeedFile = Write("good", $"# the seed\n{pair.GetSeed()}\n{pair.GetPublicKey()}\n") });
        var refusal = await RefusedAsync(
            new NatsSettings { SeedFile = Write("stranger", stranger.GetSeed()) }, secrets: stranger.GetSeed());
        Assert.Contains("NKey", refusal, StringComparison.Ordinal);
        var damaged = pair.GetSeed()[..^4] + "AAAA";
        refusal = await RefusedAsync(new NatsSettings { SeedFile = Write("damaged", damaged) }, secrets: damaged[4..^4]);
        Assert.Contains("checksum", refusal, StringComparison.Ordinal);
        refusal = await RefusedAsync(new NatsSettings { SeedFile = Write("empty", "hunter2\n") }, secrets: "hunter2");
        Assert.Contains("no seed", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(pair.GetSeed(), _logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_logs_in_with_a_credentials_file()
    {
        var (known, unknown) = (new TestTokens(), new TestTokens());
        await StartAsync(known.ServerConfig);
        await WorksAsync(new NatsSettings { CredentialsFile = Write("good.creds", known.Credentials()) });
        var foreign = unknown.Credentials();
        var seed = foreign.Split('\n').First(line => line.StartsWith("SU", StringComparison.Ordinal));
        var refusal = await RefusedAsync(new NatsSettings { CredentialsFile = Write("foreign.creds", foreign) }, secrets: seed);
        Assert.Contains("credentials_file", refusal, StringComparison.Ordinal);
        // A token of one user with the seed of another.
        var mixed = string.Join('\n', known.Credentials().Split('\n')
            .Select(line => line.StartsWith("SU", StringComparison.Ordinal) ? seed : line));
        await RefusedAsync(new NatsSettings { CredentialsFile = Write("mixed.creds", mixed) }, secrets: seed);
        refusal = await RefusedAsync(new NatsSettings { CredentialsFile = Write("empty.creds", "") });
        Assert.Contains("no user JWT", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewed_credentials_count_at_the_next_connect()
    {
        using var old = KeyPair.CreatePair(PrefixByte.User);
        using var renewed = KeyPair.CreatePair(PrefixByte.User);
        string Config(KeyPair pair) => $"authorization {{ users: [ {{ nkey: {pair.GetPublicKey()} }} ] }}";
        await StartAsync(Config(old));
        await using var transport = await ConnectAsync(new NatsSettings { SeedFile = Write("seed", old.GetSeed()) });
        await _server!.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(_server.Folder, "nats-server.conf"), Config(renewed), Token);
        await _server.StartAgainAsync(Token);
        // Refused again and again, and still trying.
        await Eventually.HoldsAsync(() => _logs.Count("Failed to connect NATS") >= 3);
        Assert.Null(transport.ConnectedFor);
        Write("seed", renewed.GetSeed());
        await Eventually.HoldsAsync(() => transport.ConnectedFor is not null);
    }

    [Fact]
    public async Task TLS_checks_the_server_and_shows_a_client_certificate()
    {
        using var authority = new TestCertificates(_folder);
        using var stranger = new TestCertificates(_folder, "stranger");
        var server = authority.Sign("server");
        var client = authority.Sign("client");
        // A client that is slow is not sent away: the server's own patience is 2 s.
        await StartAsync($$"""
            tls { cert_file: "{{server.CertificateFile}}", key_file: "{{server.KeyFile}}", ca_file: "{{authority.CaFile}}", verify: true, timeout: 60 }
            authorization { timeout: 60, users: [ { user: u, password: p } ] }
            """);
        var good = new NatsSettings
        {
            CaFile = authority.CaFile,
            CertificateFile = client.CertificateFile,
            KeyFile = client.KeyFile,
            WaitForServer = false,
        };
        foreach (var scheme in new[] { "nats", "tls" })
            await WorksAsync(good, "u:p@", scheme);

        Assert.Contains("No TLS", await RefusedAsync(good with { CaFile = stranger.CaFile }, "u:p@", "tls"), StringComparison.Ordinal);
        await RefusedAsync(good with { CaFile = null }, "u:p@", "tls");
        // With TLS 1.3 the server refuses after the handshake.
        await RefusedAsync(good with { CertificateFile = null, KeyFile = null }, "u:p@");
        var foreign = stranger.Sign("foreign");
        await RefusedAsync(good with { CertificateFile = foreign.CertificateFile, KeyFile = foreign.KeyFile }, "u:p@");
        Assert.Contains("refuses the login", await RefusedAsync(good, "u:hunter2@", secrets: "hunter2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_TLS_is_a_must_a_server_without_it_is_refused()
    {
        await StartAsync("");
        using var authority = new TestCertificates(_folder);
        await RefusedAsync(new NatsSettings { WaitForServer = false }, scheme: "tls");
        await RefusedAsync(new NatsSettings { WaitForServer = false, CaFile = authority.CaFile });
    }

    [Fact]
    public async Task Missing_and_wrong_files_are_all_named()
    {
        await StartAsync("");
        var settings = new NatsSettings
        {
            CaFile = Write("ca.pem", "no certificate"),
            CertificateFile = Path.Combine(_folder, "nowhere", "cert.pem"),
            KeyFile = Path.Combine(_folder, "nowhere.key"),
            SeedFile = _folder,
        };
        var lines = (await RefusedAsync(settings)).Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.All(
            new[] { "ca_file", "cert_file", "key_file", "seed_file" }.Zip(lines),
            pair => Assert.StartsWith($"[nats] {pair.First} {_folder}", pair.Second, StringComparison.Ordinal));
    }
}
