using System.Threading.Channels;

namespace Cyborg.Conductor;

/// <summary>The beat of a background task: it works at once when nudged, and by itself every so often. What another process left for it is found by the look
/// that all tasks share (<see cref="Sleepers"/>), which nudges it.</summary>
internal sealed class Pulse(TimeSpan every, TimeProvider time)
{
    /// <summary>How often a task works unasked that is nudged whenever there is something to do.</summary>
    public static readonly TimeSpan Seldom = TimeSpan.FromMinutes(10);

    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has the next round begin at once.</summary>
    public void Nudge() => _nudges.Writer.TryWrite(true);

    /// <summary>Runs rounds until <paramref name="stop"/>; a round that answers true is followed by another at once. An error is told once as long
    /// as it lasts, and the next round tries again.</summary>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> round, Action<Exception> failed, CancellationToken stop)
    {
        var failing = false;
        try
        {
            while (true)
            {
                try
                {
                    while (await round(stop))
                    {
                    }
                    failing = false;
                }
                catch (Exception error) when (!stop.IsCancellationRequested)
                {
                    if (!failing)
                        failed(error);
                    failing = true;
                }
                await WaitAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The conductor stops.
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var nudge = _nudges.Reader.ReadAsync(end.Token).AsTask();
        var pause = Task.Delay(every, time, end.Token);
        await Task.WhenAny(nudge, pause);
        await end.CancelAsync();
        await Task.WhenAll(nudge, pause).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }
}
