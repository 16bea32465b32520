using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>What a running service takes over when its files are read again (SIGHUP): each part of it registers which options it can take over, and how. All
/// else is told as needing a restart. A file that cannot be used changes nothing. Values are never logged.</summary>
/// <param name="started">The configuration with which the service started.</param>
/// <param name="load">Reads the files again; throws <see cref="ConfigException"/>.</param>
/// <param name="log">Where it is told.</param>
public sealed class ConfigReload(CyborgConfig started, Func<CyborgConfig> load, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly List<Part> _parts = [];
    private readonly List<Func<CancellationToken, Task>> _always = [];

    /// <summary>Registers a part that takes options over.</summary>
    /// <param name="own">True for an option that is its own; each has one part at most.</param>
    /// <param name="apply">Takes over; gets the configuration and those of its options that have changed. What it throws is told, and it is asked again at the
    /// next reload.</param>
    public void Takes(Func<Option, bool> own, Func<CyborgConfig, IReadOnlyList<Option>, CancellationToken, Task> apply)
    {
        lock (_gate)
            _parts.Add(new Part(own, apply, started));
    }

    /// <summary>Registers something to do at each reload, whatever has changed: reading other files again.</summary>
    /// <param name="again">Does it.</param>
    public void Always(Func<CancellationToken, Task> again)
    {
        lock (_gate)
            _always.Add(again);
    }

    /// <summary>Reads the files and has all parts take over what has changed. One call at a time.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Log.Reloading(log);
        CyborgConfig next;
        try
        {
            next = load();
        }
        catch (ConfigException error)
        {
            foreach (var fault in error.Faults)
                Log.ReloadRefused(log, fault);
            return;
        }
        List<Part> takers;
        List<Func<CancellationToken, Task>> tasks;
        lock (_gate)
            (takers, tasks) = ([.. _parts], [.. _always]);
        foreach (var task in tasks)
            await TryAsync("files", () => task(cancellationToken), cancellationToken).ConfigureAwait(false);
        var news = false;
        foreach (var part in takers)
            news |= await TakeAsync(part, next, cancellationToken).ConfigureAwait(false);
        foreach (var option in next.ChangedSince(started).Where(option => !takers.Exists(part => part.Own(option))))
        {
            news = true;
            Log.RestartNeeded(log, next.Place(option));
        }
        if (!news)
            Log.NothingChanged(log);
    }

    private async Task<bool> TakeAsync(Part part, CyborgConfig next, CancellationToken cancellationToken)
    {
        var changed = next.ChangedSince(part.Applied).Where(part.Own).ToList();
        if (changed.Count == 0)
            return false;
        var names = string.Join(", ", changed.Select(next.Place));
        if (await TryAsync(names, () => part.Apply(next, changed, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            part.Applied = next;
            Log.ReloadTaken(log, names);
        }
        return true;
    }

    private async Task<bool> TryAsync(string names, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReloadFailed(log, names, error.Message.ReplaceLineEndings("; "));
            return false;
        }
    }

    private sealed class Part(
        Func<Option, bool> own, Func<CyborgConfig, IReadOnlyList<Option>, CancellationToken, Task> apply, CyborgConfig applied)
    {
        public Func<Option, bool> Own => own;

        public Func<CyborgConfig, IReadOnlyList<Option>, CancellationToken, Task> Apply => apply;

        /// <summary>What it took over last.</summary>
        public CyborgConfig Applied { get; set; } = applied;
    }
}
