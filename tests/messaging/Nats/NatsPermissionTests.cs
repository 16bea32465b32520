using Cyborg.Model;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

/// <summary>The configuration that is shipped in etc/nats, on a real server.</summary>
public sealed class NatsPermissionTests : IAsyncLifetime
{
    private const string Host = "compute-1.example.org", HostToken = "compute-1=2Eexample=2Eorg";

    private readonly Stack<IAsyncDisposable> _open = new();
    private readonly LogList _logs = new();
    private NatsServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var etc = Path.Combine(Root(), "etc", "nats");
        _open.Push(_server = await NatsServer.RequireAsync(
            await File.ReadAllTextAsync(Path.Combine(etc, "nats-server.conf"), Token),
            folder =>
            {
                var agents = Directory.CreateDirectory(Path.Combine(folder, "agents")).FullName;
                Fill(Path.Combine(etc, "secrets.conf.sample"), Path.Combine(folder, "secrets.conf"));
                Fill(Path.Combine(etc, "agents", "compute-1.conf.sample"), Path.Combine(agents, "compute-1.conf"));
            },
            Token));
    }

    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out var opened))
            await opened.DisposeAsync();
        _logs.Dispose();
    }

    private static void Fill(string sample, string target) =>
        File.WriteAllText(target, File.ReadAllText(sample).Replace("change me", "s:e c/r@t", StringComparison.Ordinal));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Cyborg.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private async Task<NatsTransport> ConnectAsync(string user, string role)
    {
        var settings = new NatsSettings { Role = role };
        var options = NatsTransportOptions.Parse($"nats://{user}:s%3Ae c%2Fr%40t@{_server.Address}", settings);
        var transport = await NatsTransport.ConnectAsync(options, _logs, TimeProvider.System, Token);
        _open.Push(transport);
        return transport;
    }

    private Task<NatsTransport> ApiAsync() => ConnectAsync("api", "api");

    private Task<NatsTransport> ConductorAsync() => ConnectAsync("conductor", "conductor");

    private Task<NatsTransport> AgentAsync() => ConnectAsync("agent-compute-1", NatsSettings.AgentRole(Host));

    private BusClient Client(IBusTransport transport)
    {
        var client = new BusClient(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        _open.Push(client);
        return client;
    }

    private async Task ServeAsync(IBusTransport transport, Verb<Question, Answered> verb, string? ownHost = null)
    {
        var server = new BusServer(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        server.Map(verb, (question, context, _) => Task.FromResult(new Answered(question.Text + context.Host)), ownHost);
        await server.StartAsync(Token);
        _open.Push(server);
    }

    [Fact]
    public async Task Each_service_can_do_its_work_with_short_and_long_messages()
    {
        var (api, conductor, agent) = (await ApiAsync(), await ConductorAsync(), await AgentAsync());
        await ServeAsync(conductor, TestVerbs.Change);
        await ServeAsync(conductor, TestVerbs.Report);
        await ServeAsync(agent, TestVerbs.Install, Host);
        var (fromApi, fromConductor, fromAgent) = (Client(api), Client(conductor), Client(agent));
        foreach (var text in new[] { "x", new string('y', 9_000_000) })
        {
            Assert.True(text == (await fromApi.CallAsync(TestVerbs.Change, new Question(text), new CallContext(), cancellationToken: Token)).Text);
            Assert.True(text + Host == (await fromAgent.CallAsync(TestVerbs.Report, new Question(text), new CallContext(), Host, Token)).Text);
            Assert.True(text == (await fromConductor.CallAsync(TestVerbs.Install, new Question(text), new CallContext(), Host, Token)).Text);
        }
        var usage = new Probe();
        await conductor.SubscribeAsync("cyborg.usage.*", null, usage.Take, Token);
        await agent.PublishAsync("cyborg.usage." + HostToken, null, "42"u8.ToArray(), Token);
        Assert.Equal("42", await usage.NextTextAsync());
        await api.PublishAsync("cyborg.notification.accelerator.x", null, new byte[1], Token);
        await conductor.PublishAsync("cyborg.notification.accelerator.x", null, new byte[1], Token);
        var none = await Assert.ThrowsAsync<FaultException>(
            () => fromApi.CallAsync(TestVerbs.Ask, new Question(""), new CallContext(), cancellationToken: Token));
        Assert.Equal(FaultCode.NoResponder, none.Code);
        Assert.False(_logs.Has("Permissions Violation"), _logs.Text);
    }

    [Theory]
    [InlineData("cyborg.host.compute-2.test.report")]
    [InlineData("cyborg.host.compute-1.test.report")]
    [InlineData("cyborg.conductor.test.change")]
    [InlineData("cyborg.agent." + HostToken + ".test.install")]
    [InlineData("cyborg.usage.compute-2")]
    [InlineData("cyborg.notification.accelerator.x")]
    [InlineData("_INBOX_api.x")]
    [InlineData("_INBOX_conductor.x")]
    [InlineData("_INBOX_agent.compute-2.x")]
    [InlineData("_INBOX.x")]
    public async Task An_agent_can_not_publish_outside_its_host(string subject)
    {
        var (api, conductor, agent) = (await ApiAsync(), await ConductorAsync(), await AgentAsync());
        var heard = new Probe();
        await api.SubscribeAsync("_INBOX_api.>", null, heard.Take, Token);
        foreach (var hearing in new[] { "cyborg.conductor.>", "cyborg.host.*.>", "cyborg.usage.*", "_INBOX_conductor.>" })
            await conductor.SubscribeAsync(hearing, null, heard.Take, Token);
        await agent.PublishAsync(subject, null, "forged"u8.ToArray(), Token);
        await agent.PublishAsync($"cyborg.host.{HostToken}.test.report", null, "own"u8.ToArray(), Token);
        Assert.Equal("own", await heard.NextTextAsync());
        await Eventually.HoldsAsync(() => _logs.Has($"Permissions Violation for Publish to \"{subject}\""));
        Assert.Equal(0, heard.Count);
    }

    [Theory]
    [InlineData("cyborg.agent.compute-2.>")]
    [InlineData("cyborg.agent.*.>")]
    [InlineData("cyborg.host." + HostToken + ".>")]
    [InlineData("cyborg.conductor.>")]
    [InlineData("_INBOX_agent.compute-2.>")]
    [InlineData("_INBOX_agent.>")]
    [InlineData("_INBOX_api.>")]
    [InlineData("_INBOX_conductor.>")]
    [InlineData(">")]
    public async Task An_agent_can_not_listen_outside_its_host(string subject)
    {
        var (conductor, agent) = (await ConductorAsync(), await AgentAsync());
        var (overheard, own) = (new Probe(), new Probe());
        await agent.SubscribeAsync(subject, null, overheard.Take, Token);
        await Eventually.HoldsAsync(() => _logs.Has($"Permissions Violation for Subscription to \"{subject}\""));
        await agent.SubscribeAsync($"cyborg.agent.{HostToken}.>", null, own.Take, Token);
        foreach (var target in new[] { "cyborg.agent.compute-2.x", "_INBOX_agent.compute-2.x", "_INBOX_api.x", $"cyborg.agent.{HostToken}.x" })
            await conductor.PublishAsync(target, null, new byte[1], Token);
        await own.NextAsync();
        Assert.Equal(0, overheard.Count);
    }

    [Theory]
    [InlineData("cyborg.host.compute-2.test.report")]
    [InlineData("cyborg.agent.compute-2.test.install")]
    [InlineData("cyborg.usage.compute-2")]
    [InlineData("_INBOX_agent.compute-2.x")]
    [InlineData("_INBOX_conductor.x")]
    public async Task The_API_speaks_to_conductors_only(string subject)
    {
        var api = await ApiAsync();
        await api.PublishAsync(subject, null, "forged"u8.ToArray(), Token);
        await Eventually.HoldsAsync(() => _logs.Has($"Permissions Violation for Publish to \"{subject}\""));
        await api.SubscribeAsync("cyborg.conductor.>", null, _ => { }, Token);
        await Eventually.HoldsAsync(() => _logs.Has("Permissions Violation for Subscription to \"cyborg.conductor.>\""));
    }

    [Fact]
    public async Task A_listener_hears_notifications_and_can_do_nothing_else()
    {
        var (conductor, listener) = (await ConductorAsync(), await ConnectAsync("listener", "listener"));
        var heard = new Probe();
        await listener.SubscribeAsync("cyborg.notification.accelerator.>", null, heard.Take, Token);
        await conductor.PublishAsync("cyborg.notification.accelerator.ready", null, "now"u8.ToArray(), Token);
        await conductor.FlushAsync(Token);
        Assert.Equal("now", await heard.NextTextAsync());
        foreach (var subject in new[] { "cyborg.notification.accelerator.ready", "cyborg.conductor.device.list", "_INBOX_api.x" })
        {
            await listener.PublishAsync(subject, null, new byte[1], Token);
            await Eventually.HoldsAsync(() => _logs.Has($"Permissions Violation for Publish to \"{subject}\""));
        }
        foreach (var subject in new[] { "cyborg.conductor.>", "cyborg.usage.*", "_INBOX_conductor.>", ">" })
        {
            await listener.SubscribeAsync(subject, null, _ => { }, Token);
            await Eventually.HoldsAsync(() => _logs.Has($"Permissions Violation for Subscription to \"{subject}\""));
        }
    }

    [Fact]
    public async Task A_call_that_the_server_refuses_ends_at_its_deadline()
    {
        var (conductor, agent) = (await ConductorAsync(), await AgentAsync());
        await ServeAsync(conductor, TestVerbs.Change);
        await ServeAsync(conductor, TestVerbs.Report);
        var (client, brief) = (Client(agent), new CallContext { TimeLeft = TimeSpan.FromMilliseconds(300) });
        var verb = await Assert.ThrowsAsync<FaultException>(
            () => client.CallAsync(TestVerbs.Change, new Question(""), brief, cancellationToken: Token));
        var host = await Assert.ThrowsAsync<FaultException>(
            () => client.CallAsync(TestVerbs.Report, new Question(""), brief, "compute-2", Token));
        Assert.Equal((FaultCode.DeadlineExceeded, FaultCode.DeadlineExceeded), (verb.Code, host.Code));
    }
}
