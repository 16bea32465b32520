namespace Cyborg.Agent.Tests;

/// <summary>A clock that stands still until a test moves it, and that tells when somebody has begun to wait.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, TaskCompletionSource Seen)> _waiters = [];
    private readonly List<(double Seconds, int Count, TaskCompletionSource Seen)> _countings = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
            return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends when a timer is armed whose wait (from its arming) is the wanted one.</summary>
    public Task TimerAsync(double fromSeconds, double toSeconds)
    {
        bool Wanted(TimeSpan wait) => wait.TotalSeconds >= fromSeconds && wait.TotalSeconds <= toSeconds;
        lock (_gate)
        {
            if (_timers.Any(timer => Wanted(timer.Wait)))
                return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((Wanted, seen));
            return seen.Task;
        }
    }

    /// <summary>Ends when exactly so many timers are armed whose wait (from their arming) is the wanted one.</summary>
    public Task TimersAsync(double seconds, int count)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _countings.Add((seconds, count, seen));
            CountTimers();
        }
        return seen.Task;
    }

    public void Advance(double seconds)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _now += TimeSpan.FromSeconds(seconds);
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            _timers.RemoveAll(due.Contains);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    private void CountTimers()
    {
        foreach (var counting in _countings.Where(one => _timers.Count(timer => timer.Wait.TotalSeconds == one.Seconds) == one.Count).ToList())
        {
            _countings.Remove(counting);
            counting.Seen.TrySetResult();
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public TimeSpan Wait { get; private set; }
        public TimeSpan Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    time.CountTimers();
                    return true;
                }
                (Wait, Due) = (dueTime, time._now + dueTime);
                time._timers.Add(this);
                foreach (var waiter in time._waiters.Where(waiter => waiter.Wanted(dueTime)).ToList())
                {
                    time._waiters.Remove(waiter);
                    waiter.Seen.TrySetResult();
                }
                time.CountTimers();
            }
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                time.CountTimers();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
