using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public sealed class NatsTransportTests : TransportContract
{
    private readonly NatsAccount _account = new();

    protected override async ValueTask<IBusTransport> OpenAsync() => await _account.OpenAsync();
}

/// <summary>The same with every consumer called in the read loop.</summary>
public sealed class NatsPromptTransportTests : TransportContract
{
    private readonly NatsAccount _account = new();

    protected override async ValueTask<IBusTransport> OpenAsync() => new PromptTransport(await _account.OpenAsync());

    [Fact]
    public async Task A_consumer_may_end_its_own_subscription_and_hears_no_more()
    {
        await using var connection = await OpenAsync();
        var probe = new Probe();
        var ended = new TaskCompletionSource();
        IAsyncDisposable? subscription = null;
        subscription = await connection.SubscribeAsync(
            "once",
            null,
            message =>
            {
                probe.Take(message);
                // It must not wait for the end here: the end waits for what the server sends next, and that is read where this runs.
                _ = EndAsync();
            },
            TestContext.Current.CancellationToken);
        await connection.PublishAsync("once", null, "x"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("x", await probe.NextTextAsync());
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        await connection.PublishAsync("once", null, "y"u8.ToArray(), TestContext.Current.CancellationToken);
        await connection.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, probe.Count);

        async Task EndAsync()
        {
            await subscription!.DisposeAsync();
            ended.SetResult();
        }
    }
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
