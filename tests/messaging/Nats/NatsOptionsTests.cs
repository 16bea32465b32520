using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public sealed class NatsOptionsTests
{
    [Theory]
    [InlineData("nats://host", "nats://host:4222", null, null)]
    [InlineData("nats://host:4333/", "nats://host:4333", null, null)]
    [InlineData("NATS://u:p@h1:1,h2,10.0.0.1:3", "nats://h1:1 nats://h2:4222 nats://10.0.0.1:3", "u", "p")]
    [InlineData("nats://u:p@h1,nats://h2:2,nats://u:p@h3", "nats://h1:4222 nats://h2:2 nats://h3:4222", "u", "p")]
    [InlineData("nats://u:p@h1:1,u:p@h2:2/", "nats://h1:1 nats://h2:2", "u", "p")]
    [InlineData("nats://[::1]:5,[fe80::1]", "nats://[::1]:5 nats://[fe80::1]:4222", null, null)]
    [InlineData("tls://u%40x:p%25%3A%2F%2C%C3%BC@h", "tls://h:4222", "u@x", "p%:/,ü")]
    public void A_URL_is_read(string url, string servers, string? user, string? password)
    {
        var options = NatsTransportOptions.Parse(url, new NatsSettings());
        Assert.Equal((servers, user, password), (string.Join(' ', options.Servers), options.User, options.Password));
        Assert.Equal(url.StartsWith("tls", StringComparison.Ordinal), options.Tls);
    }

    [Theory]
    [InlineData("nats://", "server 1")]
    [InlineData("host:4222", "no scheme")]
    [InlineData("rabbit://u:hunter2@h", "not the URL of a NATS server")]
    [InlineData("nats://u:hunter2@h,tls://h2", "server 2: another scheme")]
    [InlineData("nats://hunter2@h", "user:password")]
    [InlineData("nats://u:@h", "user:password")]
    [InlineData("nats://:hunter2@h", "user:password")]
    [InlineData("nats://u:hunter2@h1,v:hunter2@h2", "server 2: another user")]
    [InlineData("nats://u:hunter2%@h", "percent-encoded")]
    [InlineData("nats://u:hunter2/x@h", "percent-encoded")]
    [InlineData("nats://u:hunter2@x@h", "percent-encoded")]
    [InlineData("nats://u:hunter2,x@h", "server 1: no host")]
    [InlineData("nats://u:hunter2@h:0", "port")]
    [InlineData("nats://u:hunter2@h:65536", "port")]
    [InlineData("nats://u:hunter2@h:x", "port")]
    [InlineData("nats://u:hunter2@::1", "no host")]
    [InlineData("nats://u:hunter2@h/vhost", "no host")]
    [InlineData("nats://u:hunter2@h,", "server 2: no host")]
    public void What_is_wrong_is_named_without_the_password(string url, string complaint)
    {
        var fault = Assert.Throws<FormatException>(() => NatsTransportOptions.Parse(url, new NatsSettings()));
        Assert.Contains(complaint, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var settings = new NatsSettings
        {
            KeyFile = "k",
            SeedFile = "s",
            CredentialsFile = "c",
            InboxPrefix = "a..b",
            Role = "x.*",
            ConnectTimeout = TimeSpan.Zero,
        };
        var fault = Assert.Throws<FormatException>(() => NatsTransportOptions.Parse("nats://u:p@h:0", settings));
        Assert.Equal(6, fault.Message.Split('\n').Length);
    }

    [Theory]
    [InlineData("api", null, "_INBOX_api")]
    [InlineData("agent.compute-1=2Eexample=2Eorg", null, "_INBOX_agent.compute-1=2Eexample=2Eorg")]
    [InlineData("api", "mine.x", "mine.x")]
    public void The_inbox_is_the_roles_own(string role, string? prefix, string expected) =>
        Assert.Equal(expected, NatsTransportOptions.Parse("nats://u:p@h", new NatsSettings { Role = role, InboxPrefix = prefix }).InboxPrefix);

    [Fact]
    public void An_agents_role_has_its_host_as_one_token() => Assert.Equal("agent.a=2Eb=2A", NatsSettings.AgentRole("a.b*"));

    [Fact]
    public void A_certificate_file_makes_TLS_a_must()
    {
        Assert.True(NatsTransportOptions.Parse("nats://h", new NatsSettings { CaFile = "ca.pem" }).Tls);
        Assert.True(NatsTransportOptions.Parse("nats://h", new NatsSettings { CertificateFile = "c", KeyFile = "k" }).Tls);
        Assert.False(NatsTransportOptions.Parse("nats://h", new NatsSettings()).Tls);
    }

    [Fact]
    public void The_password_is_never_printed() =>
        Assert.DoesNotContain("hunter2", $"{NatsTransportOptions.Parse("nats://u:hunter2@h", new NatsSettings())}", StringComparison.Ordinal);

    [Fact]
    public async Task Connections_of_one_in_process_URL_share_a_bus()
    {
        async Task<IBusTransport> OpenAsync(string url) => await BusTransports.OpenAsync(
            url, new NatsSettings(), NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var one = await OpenAsync("inprocess://shared-test");
        await using var two = await OpenAsync("inprocess://shared-test/");
        await using var other = await OpenAsync("inprocess://");
        var (heard, unheard) = (new Probe(), new Probe());
        await two.SubscribeAsync("s", null, heard.Take, TestContext.Current.CancellationToken);
        await other.SubscribeAsync("s", null, unheard.Take, TestContext.Current.CancellationToken);
        await one.PublishAsync("s", null, "x"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("x", await heard.NextTextAsync());
        Assert.Equal(0, unheard.Count);
    }

    [Fact]
    public async Task An_in_process_connection_is_up_until_it_is_closed()
    {
        var time = new ManualTime();
        var transport = new InProcessBus(time: time).Connect();
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), transport.ConnectedFor);
        await transport.DisposeAsync();
        Assert.Null(transport.ConnectedFor);
    }
}
