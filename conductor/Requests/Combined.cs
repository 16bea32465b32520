namespace Cyborg.Conductor.Requests;

/// <summary>Does calls that come at the same time together. A call that comes alone is done at once, on its caller's own task; those that come meanwhile wait
/// and are done together as soon as it has ended. So nobody waits for company, and a crowd costs little more than one.</summary>
/// <param name="work">Does some calls, never twice at once; yields those that are done. Those that are not are left to their callers, and so are all if it fails.</param>
/// <param name="failed">Is told why it failed.</param>
internal sealed class Combined<TCall>(Func<IReadOnlyList<TCall>, Task<IReadOnlySet<TCall>>> work, Action<Exception> failed) where TCall : class
{
    /// <summary>The most that are done together: what is locked for them is locked until the last is written.</summary>
    private const int Most = 128;

    private readonly Lock _turn = new();
    private readonly Queue<Waiter> _waiting = new();
    private bool _working;

    /// <summary>True if the call is done; false if it must be done alone.</summary>
    public async Task<bool> TryAsync(TCall call)
    {
        Waiter? waiter = null;
        lock (_turn)
        {
            if (_working)
                _waiting.Enqueue(waiter = new Waiter(call));
            _working = true;
        }
        if (waiter is not null)
            return await waiter.Done.Task;
        var done = await WorkAsync([call]);
        if (Next() is { } group)
        {
            // What follows is not this caller's: not in its trace, nor in its log lines' scope.
            using (ExecutionContext.SuppressFlow())
                _ = Task.Run(() => GoOnAsync(group));
        }
        return done.Contains(call);
    }

    private async Task GoOnAsync(List<Waiter> first)
    {
        for (var group = first; group is not null; group = Next())
        {
            var done = await WorkAsync([.. group.Select(waiter => waiter.Call)]);
            foreach (var waiter in group)
                waiter.Done.SetResult(done.Contains(waiter.Call));
        }
    }

    private async Task<IReadOnlySet<TCall>> WorkAsync(IReadOnlyList<TCall> calls)
    {
        try
        {
            return await work(calls);
        }
        catch (Exception error)
        {
            failed(error);
            return new HashSet<TCall>();
        }
    }

    /// <summary>Those who came meanwhile; null if nobody did: then the next to come begins.</summary>
    private List<Waiter>? Next()
    {
        lock (_turn)
        {
            if (_waiting.Count == 0)
            {
                _working = false;
                return null;
            }
            var group = new List<Waiter>();
            while (group.Count < Most && _waiting.TryDequeue(out var waiter))
                group.Add(waiter);
            return group;
        }
    }

    private sealed class Waiter(TCall call)
    {
        public TCall Call => call;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
