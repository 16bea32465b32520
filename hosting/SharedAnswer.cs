namespace Cyborg.Hosting;

/// <summary>A question that many ask at once. Whoever comes while it is asked already waits for the next answer, together with all who came meanwhile: that
/// answer was looked for after each of them had come, so that nobody gets one older than their question. However many ask, one question is under way.</summary>
/// <remarks>Who comes when nothing is asked asks on their own thread and waits for nobody, which is what counts where one asks after the other.</remarks>
/// <typeparam name="T">What the answer is.</typeparam>
/// <param name="ask">Finds the answer; never runs twice at once, and is not told who gives up waiting.</param>
public sealed class SharedAnswer<T>(Func<Task<T>> ask)
{
    private readonly Lock _turn = new();
    private bool _asking;
    private Round? _next;

    /// <summary>The answer as it is now.</summary>
    /// <param name="stop">Gives up waiting.</param>
    public Task<T> AskAsync(CancellationToken stop)
    {
        lock (_turn)
        {
            if (_asking)
                return (_next ??= new Round()).Answer.WaitAsync(stop);
            _asking = true;
        }
        return AskFirstAsync().WaitAsync(stop);
    }

    private async Task<T> AskFirstAsync()
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        finally
        {
            Go(TakeNext());
        }
    }

    private Round? TakeNext()
    {
        lock (_turn)
        {
            var round = _next;
            _next = null;
            _asking = round is not null;
            return round;
        }
    }

    // On the thread pool: who has an answer must not wait until others have asked.
    private void Go(Round? round)
    {
        if (round is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.me.AskNext(work.round), (me: this, round), preferLocal: true);
    }

    private void AskNext(Round round)
    {
        if (round.Context is { } context)
            ExecutionContext.Restore(context);
        _ = AskNextAsync(round);
    }

    private async Task AskNextAsync(Round round)
    {
        var asked = AskFirstAsync();
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        round.End(asked);
    }

    /// <summary>Those who wait for one answer.</summary>
    private sealed class Round
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Of the first of them, on whose behalf the question is asked.</summary>
        public ExecutionContext? Context { get; } = ExecutionContext.Capture();

        public Task<T> Answer => _answer.Task;

        public void End(Task<T> asked) => _answer.SetFromTask(asked);
    }
}
