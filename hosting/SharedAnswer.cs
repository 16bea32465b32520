namespace Cyborg.Hosting;

/// <summary>A question that many ask at once. Whoever comes while it is asked already waits for the next answer, together with all who came meanwhile: that
/// answer was looked for after each of them had come, so that nobody gets one older than their question. However many ask, one question is under way.</summary>
/// <remarks>Who comes alone asks on their own thread, without a hop to another. Those who have waited go on one after the other where the answer came in, and
/// only then the next question begins: what they do meanwhile brings the next to ask, and the more ask together, the less each of them costs.</remarks>
/// <typeparam name="T">What the answer is.</typeparam>
/// <param name="ask">Finds the answer; never runs twice at once, and is not told who gives up waiting.</param>
public sealed class SharedAnswer<T>(Func<Task<T>> ask)
{
    private readonly Lock _turn = new();
    private bool _asking;
    private TaskCompletionSource<T>? _next;

    /// <summary>The answer as it is now.</summary>
    /// <param name="stop">Gives up waiting.</param>
    public Task<T> AskAsync(CancellationToken stop)
    {
        TaskCompletionSource<T> mine;
        lock (_turn)
        {
            // Those who wait go on on the thread that sets it: see the remarks.
            if (_asking)
                return (_next ??= new TaskCompletionSource<T>()).Task.WaitAsync(stop);
            _asking = true;
            mine = new TaskCompletionSource<T>();
        }
        // The questions are nobody's own: none that follows is to be logged and traced as the first asker's.
        using (ExecutionContext.SuppressFlow())
            _ = AskOnAsync(mine);
        return mine.Task.WaitAsync(stop);
    }

    private async Task AskOnAsync(TaskCompletionSource<T> waiting)
    {
        while (true)
        {
            await AnswerAsync(waiting).ConfigureAwait(false);
            lock (_turn)
            {
                if (_next is null)
                {
                    _asking = false;
                    return;
                }
                (waiting, _next) = (_next, null);
            }
        }
    }

    private async Task AnswerAsync(TaskCompletionSource<T> waiting)
    {
        T answer;
        try
        {
            answer = await ask().ConfigureAwait(false);
        }
        catch (OperationCanceledException fault)
        {
            waiting.TrySetCanceled(fault.CancellationToken);
            return;
        }
        catch (Exception fault)
        {
            waiting.TrySetException(fault);
            return;
        }
        waiting.TrySetResult(answer);
    }
}
