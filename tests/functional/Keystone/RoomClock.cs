namespace Cyborg.Functional.Tests;

/// <summary>The time of day stands until a test moves it. Timers are real, but for those of one length: they end when the test says so, and not before.</summary>
/// <param name="held">That length; null for none.</param>
internal sealed class RoomClock(TimeSpan? held) : TimeProvider
{
    private readonly TimeSpan? _held = held;
    private readonly Lock _gate = new();
    private readonly HashSet<HeldTimer> _waiting = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (_held is null)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new HeldTimer(this, () => callback(state), base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan step)
    {
        lock (_gate)
            _now += step;
    }

    /// <summary>Ends the timers of the length that is held. What is to run into its limit has to have begun before.</summary>
    public void RunOut()
    {
        List<HeldTimer> due;
        lock (_gate)
        {
            due = [.. _waiting];
            _waiting.Clear();
        }
        due.ForEach(timer => timer.Fire());
    }

    private void Wait(HeldTimer timer, bool waits)
    {
        lock (_gate)
            _ = waits ? _waiting.Add(timer) : _waiting.Remove(timer);
    }

    private sealed class HeldTimer(RoomClock clock, Action fire, ITimer real) : ITimer
    {
        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var waits = dueTime == clock._held;
            clock.Wait(this, waits);
            return real.Change(waits ? Timeout.InfiniteTimeSpan : dueTime, period);
        }

        public void Dispose()
        {
            clock.Wait(this, false);
            real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            clock.Wait(this, false);
            return real.DisposeAsync();
        }
    }
}
