using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public sealed class NatsTransportTests : TransportContract
{
    private readonly NatsAccount _account = new();

    protected override async ValueTask<IBusTransport> OpenAsync() => await _account.OpenAsync();
}

public sealed class NatsCallTests : CallContract
{
    private readonly NatsAccount _account = new();

    protected override async ValueTask<IBusTransport> OpenAsync() => await _account.OpenAsync();
}

/// <summary>One server for the contract tests of this process, with an account for each test: accounts hear nothing of each other.</summary>
internal sealed class NatsAccount
{
    private const int Accounts = 1000;

    private static readonly Lazy<Task<NatsServer>> s_server = new(() => NatsServer.RequireAsync(Config()));
    private static int s_last;

    private readonly int _number = Interlocked.Increment(ref s_last);

    public async Task<NatsTransport> OpenAsync()
    {
        var server = await s_server.Value;
        Assert.InRange(_number, 1, Accounts);
        var options = NatsTransportOptions.Parse($"nats://u{_number}:p@{server.Address}", new NatsSettings());
        return await NatsTransport.ConnectAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static string Config()
    {
        var accounts = Enumerable.Range(1, Accounts).Select(i => $"A{i} {{ users: [ {{ user: u{i}, password: p }} ] }}");
        return $"accounts {{\n{string.Join('\n', accounts)}\n}}\n";
    }
}
