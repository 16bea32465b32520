namespace Cyborg.Hosting;

/// <summary>A question that many ask at once. Whoever comes while it is asked already waits for the next answer, together with all who came meanwhile: that
/// answer was looked for after each of them had come, so that nobody gets one older than their question. However many ask, one question is under way.</summary>
/// <typeparam name="T">What the answer is.</typeparam>
/// <param name="ask">Finds the answer; never runs twice at once, and is not told who gives up waiting.</param>
public sealed class SharedAnswer<T>(Func<Task<T>> ask)
{
    private readonly Lock _turn = new();
    private Task _running = Task.CompletedTask;
    private Task<T>? _next;

    /// <summary>The answer as it is now.</summary>
    /// <param name="stop">Gives up waiting.</param>
    public Task<T> AskAsync(CancellationToken stop)
    {
        lock (_turn)
        {
            _next ??= AskNextAsync(_running);
            return _next.WaitAsync(stop);
        }
    }

    private async Task<T> AskNextAsync(Task before)
    {
        // Lets go of the caller's lock, also if the question before has been answered already.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_turn)
        {
            _running = _next!;
            _next = null;
        }
        return await ask().ConfigureAwait(false);
    }
}
