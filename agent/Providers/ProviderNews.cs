using System.Threading.Channels;

namespace Cyborg.Agent.Providers;

/// <summary>What conductors tell of the host's providers: heartbeats and reports bring it, the provider loop waits for it.</summary>
internal sealed class ProviderNews
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _told = -1;

    /// <summary>Version of what Placement is to show, as last told; -1 before the first time.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>A conductor has answered.</summary>
    public void Tell(long version)
    {
        Interlocked.Exchange(ref _told, version);
        Wake();
    }

    /// <summary>Ends the present wait, or the next one.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Waits until a timestamp of the clock, or less when it is woken.</summary>
    public async Task WaitAsync(long until, TimeProvider time, CancellationToken stop)
    {
        var now = time.GetTimestamp();
        if (now >= until)
            return;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var woken = _wake.Reader.ReadAsync(end.Token).AsTask();
        Task pause = Task.Delay(time.GetElapsedTime(now, until), time, end.Token);
        // The clock may have moved on while the wait began, which counts from then.
        if (time.GetTimestamp() < until)
            await Task.WhenAny(woken, pause).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(woken, pause).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }
}
