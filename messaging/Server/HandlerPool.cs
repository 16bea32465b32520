namespace Cyborg.Messaging;

/// <summary>Runs work on the thread pool: so much at once, so much waiting, and no more.</summary>
/// <param name="bounds">How much.</param>
internal sealed class HandlerPool(PoolOptions bounds)
{
    private readonly Lock _lock = new();
    private readonly Queue<Func<Task>> _waiting = new();
    private TaskCompletionSource? _idle;
    private int _running;

    /// <summary>True if <see cref="TryRun"/> would take work now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _running < bounds.ParallelHandlers || _waiting.Count < bounds.QueueLength;
        }
    }

    /// <summary>Takes work, which must not throw; false if it is full.</summary>
    public bool TryRun(Func<Task> work)
    {
        lock (_lock)
        {
            if (_running >= bounds.ParallelHandlers)
            {
                if (_waiting.Count >= bounds.QueueLength)
                    return false;
                _waiting.Enqueue(work);
                return true;
            }
            _running++;
        }
        // A task of its own would carry the read loop's context along.
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.me.RunAsync(state.work), (me: this, work), preferLocal: false);
        return true;
    }

    /// <summary>Completes when nothing runs and nothing waits.</summary>
    public Task WhenIdle()
    {
        lock (_lock)
        {
            if (_running == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        while (true)
        {
            await work().ConfigureAwait(false);
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out var next))
                {
                    if (--_running == 0)
                    {
                        _idle?.SetResult();
                        _idle = null;
                    }
                    return;
                }
                work = next;
            }
        }
    }
}
