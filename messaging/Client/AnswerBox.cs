namespace Cyborg.Messaging;

/// <summary>The answers of all attempts of one call, mostly a single one, for the one who waits for them.</summary>
internal sealed class AnswerBox
{
    private readonly Lock _lock = new();
    private Answer? _first;
    private Queue<Answer>? _more;
    private TaskCompletionSource? _waiter;
    private bool _closed;

    /// <summary>Puts an answer in; false if nobody waits for answers any more. Wakes the one who waits on another thread, so that a read loop goes on.</summary>
    public bool TryPut(Answer answer)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            if (_closed)
                return false;
            if (_first is null)
                _first = answer;
            else
                (_more ??= new Queue<Answer>()).Enqueue(answer);
            waiter = _waiter;
            _waiter = null;
        }
        waiter?.SetResult();
        return true;
    }

    /// <summary>The next answer; null if none came in time. For one at a time.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask<Answer?> TakeAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        Task arrived;
        lock (_lock)
        {
            if (TryTake() is { } ready)
                return ready;
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            arrived = _waiter.Task;
        }
        try
        {
            await arrived.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller looks at the last sign of life.
        }
        lock (_lock)
            return TryTake();
    }

    /// <summary>Takes no more, and disposes what nobody has taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            while (TryTake() is { } unread)
                unread.Received?.Dispose();
        }
    }

    private Answer? TryTake()
    {
        var taken = _first;
        _first = _more is not null && _more.TryDequeue(out var next) ? next : null;
        return taken;
    }
}
