using Cyborg.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Hosting.Tests;

public sealed class WatchdogTests
{
    [Fact]
    public async Task A_room_that_lives_gives_its_sign_again_and_again()
    {
        using var watched = new Watched(_ => ValueTask.FromResult<string?>(null));

        Assert.Equal("WATCHDOG=1", await watched.Systemd.NextAsync());
        Assert.Equal("WATCHDOG=1", await watched.Systemd.NextAsync());
        Assert.Equal("WATCHDOG=1", await watched.Systemd.NextAsync());
        await watched.StopAsync();
    }

    [Fact]
    public async Task A_room_that_is_dead_is_told_once_and_gives_no_sign_until_it_lives_again()
    {
        var asked = 0;
        using var watched = new Watched(_ => ValueTask.FromResult(Interlocked.Increment(ref asked) < 5 ? "heartbeats stand still" : null));

        Assert.Equal("STATUS=does not work: heartbeats stand still", await watched.Systemd.NextAsync());
        Assert.Equal("WATCHDOG=1", await watched.Systemd.NextAsync());
        Assert.True(asked >= 5);
        Assert.Equal("STATUS=runs", await watched.Systemd.NextAsync());
        await watched.StopAsync();
    }

    [Fact]
    public async Task A_room_that_does_not_answer_gives_no_sign()
    {
        using var watched = new Watched(async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        });

        Assert.StartsWith("STATUS=does not work: no sign of life within ", await watched.Systemd.NextAsync(), StringComparison.Ordinal);
        await watched.StopAsync();
        Assert.False(watched.Systemd.HasMore);
    }

    [Fact]
    public async Task A_room_that_throws_gives_no_sign_and_its_text_is_not_shown()
    {
        using var watched = new Watched(_ => throw new InvalidOperationException("password=secret"));

        Assert.Equal("STATUS=does not work: InvalidOperationException", await watched.Systemd.NextAsync());
        await watched.StopAsync();
        Assert.False(watched.Systemd.HasMore);
    }

    [Fact]
    public void A_loop_that_begins_no_round_for_too_long_stands_still()
    {
        var time = new SetTime();
        var sign = new LoopSign("heartbeats", TimeSpan.FromSeconds(30), time);

        time.Seconds = 30;
        Assert.Null(sign.WhyDead());
        time.Seconds = 31;
        Assert.Equal("heartbeats stand still since 31 s", sign.WhyDead());
        sign.Round();
        Assert.Null(sign.WhyDead());
    }

    private sealed class SetTime : TimeProvider
    {
        public long Seconds { get; set; }
        public override long TimestampFrequency => 1;
        public override long GetTimestamp() => Seconds;
    }

    /// <summary>A watchdog of 40 ms over a room.</summary>
    private sealed class Watched : IServiceRoom, IDisposable
    {
        private readonly Func<CancellationToken, ValueTask<string?>> _why;
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly SystemdNotifier _notifier;
        private readonly Task _running;

        public Watched(Func<CancellationToken, ValueTask<string?>> why)
        {
            _why = why;
            Systemd.Variables[SystemdNotifier.WatchdogVariable] = "40000";
            _notifier = Systemd.Notifier();
            _running = new Watchdog(_notifier, this, NullLogger.Instance, TimeProvider.System).RunAsync(_stop.Token);
        }

        public NotifyListener Systemd { get; } = new();

        public ValueTask<string?> WhyDeadAsync(CancellationToken stop) => _why(stop);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Dispose()
        {
            _stop.Dispose();
            _notifier.Dispose();
            Systemd.Dispose();
        }
    }
}
