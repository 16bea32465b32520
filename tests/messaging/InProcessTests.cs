using System.Diagnostics.Metrics;
using System.Text;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging.Tests;

public sealed class InProcessTransportTests : TransportContract
{
    private readonly InProcessBus _bus = new();

    protected override ValueTask<IBusTransport> OpenAsync() => ValueTask.FromResult(_bus.Connect());
}

public sealed class InProcessCallTests : CallContract
{
    private readonly InProcessBus _bus = new();

    protected override ValueTask<IBusTransport> OpenAsync() => ValueTask.FromResult(_bus.Connect());
}

/// <summary>What only the in-process bus has.</summary>
public sealed class InProcessBusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, 1_000_000)]
    [InlineData(1000, 3 * 10)]
    public async Task A_slow_consumer_loses_messages_which_are_counted(int messages, long bytes)
    {
        var bus = new InProcessBus(new InProcessBusOptions { MaxPendingMessages = messages, MaxPendingBytes = bytes });
        await using var connection = bus.Connect();
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var (slow, quick) = (new Probe(), new Probe());
        await using var subscription = await connection.SubscribeAsync(
            "s",
            null,
            message =>
            {
                entered.TrySetResult();
                gate.Wait();
                slow.Take(message);
            },
            Token);
        await connection.PublishAsync("s", null, new byte[10], Token);
        await entered.Task;
        await using var other = await connection.SubscribeAsync("s", null, quick.Take, Token);
        for (var i = 0; i < 5; i++)
        {
            await connection.PublishAsync("s", null, new byte[10], Token);
            await quick.NextAsync();
        }
        Assert.Equal(2, bus.Dropped);
        gate.Set();
        for (var i = 0; i < 4; i++)
            await slow.NextAsync();
        Assert.Equal(0, slow.Count);
    }

    [Fact]
    public async Task A_message_can_be_lost_or_held_back_for_a_test()
    {
        var bus = new InProcessBus();
        await using var connection = bus.Connect();
        var probe = new Probe();
        var held = new TaskCompletionSource();
        await connection.SubscribeAsync("s.*", null, probe.Take, Token);
        bus.Intercept = message => message.Subject switch
        {
            "s.lost" => Delivery.Lost,
            "s.late" => Delivery.Late(held.Task),
            _ => Delivery.Normal,
        };
        foreach (var kind in new[] { "lost", "late", "normal" })
            await connection.PublishAsync("s." + kind, null, Encoding.UTF8.GetBytes(kind), Token);
        Assert.Equal("normal", await probe.NextTextAsync());
        held.SetResult();
        Assert.Equal("late", await probe.NextTextAsync());
        Assert.Equal(0, bus.Dropped);
    }

    [Fact]
    public async Task A_consumer_may_end_its_own_subscription()
    {
        await using var connection = new InProcessBus().Connect();
        var probe = new Probe();
        IAsyncDisposable? subscription = null;
        subscription = await connection.SubscribeAsync(
            "s",
            null,
            message =>
            {
                subscription!.DisposeAsync().AsTask().GetAwaiter().GetResult();
                probe.Take(message);
            },
            Token);
        await connection.PublishAsync("s", null, "x"u8.ToArray(), Token);
        Assert.Equal("x", await probe.NextTextAsync());
    }

    [Fact]
    public async Task Calls_and_their_outcomes_are_measured()
    {
        var seen = new List<(string Instrument, string Verb, string Outcome)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Meter.Name == "Cyborg.Messaging")
                me.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
        {
            var values = tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
            lock (seen)
                seen.Add((instrument.Name, values["verb"], values["outcome"]));
        });
        listener.Start();
        var unique = TestVerbs.Ask with { Name = "measured" };
        var bus = new InProcessBus();
        await using var transport = bus.Connect();
        await using var client = new BusClient(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System);
        await Assert.ThrowsAsync<FaultException>(() => client.CallAsync(unique, new Question(""), new CallContext(), cancellationToken: Token));
        await using (var server = new BusServer(transport, Patience.Options, NullLoggerFactory.Instance, TimeProvider.System))
        {
            server.Map(unique, (_, _, _) => Task.FromResult(new Answered("")));
            await server.StartAsync(Token);
            await client.CallAsync(unique, new Question(""), new CallContext(), cancellationToken: Token);
        }
        lock (seen)
        {
            Assert.Equal(
                [
                    ("cyborg.bus.call.duration", "test.measured", "NoResponder"),
                    ("cyborg.bus.call.duration", "test.measured", "ok"),
                    ("cyborg.bus.served.duration", "test.measured", "ok"),
                ],
                seen.Where(entry => entry.Verb == "test.measured").Order());
        }
    }
}
