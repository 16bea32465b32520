namespace Cyborg.TestServers;

/// <summary>A clock that stands until a test moves it, timers and all: no time limit is reached because something is slow.</summary>
/// <param name="now">The time of day at which it stands; null for the beginning of 2026.</param>
public sealed class ManualTime(DateTimeOffset? now = null) : TimeProvider
{
    private readonly DateTimeOffset _start = now ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _passed;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
            return _passed.Ticks;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp());

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves it, and fires the timers that are due by then, each once. What is to run into a limit has to have begun before.</summary>
    /// <param name="step">How far.</param>
    public void Advance(TimeSpan step)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _passed += step;
            due = _timers.FindAll(timer => timer.Due <= _passed);
            due.ForEach(timer => timer.Rearm());
        }
        due.ForEach(timer => timer.Fire());
    }

    private sealed class ManualTimer(ManualTime clock, Action fire) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public void Fire() => fire();

        /// <summary>As after a firing; the caller holds the gate.</summary>
        public void Rearm()
        {
            if (_period > TimeSpan.Zero)
                Due = clock._passed + _period;
            else
                clock._timers.Remove(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                (Due, _period) = (clock._passed + dueTime, period);
                if (dueTime != Timeout.InfiniteTimeSpan)
                    clock._timers.Add(this);
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
