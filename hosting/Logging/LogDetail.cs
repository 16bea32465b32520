using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Cyborg.Hosting;

/// <summary>How much a process logs; it can be changed while it runs.</summary>
public sealed class LogDetail : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    /// <summary>Libraries tell every step at Information; an operator wants them only when looking for an error.</summary>
    private static readonly string[] Libraries = ["Microsoft", "System", "NATS"];

    private readonly Lock gate = new();
    private CancellationTokenSource changed = new();
    private volatile bool debug;

    /// <summary>Makes one.</summary>
    /// <param name="debug">True to log details.</param>
    public LogDetail(bool debug) => this.debug = debug;

    /// <summary>True if details are logged.</summary>
    public bool Debug => debug;

    /// <inheritdoc/>
    public string? Name => Microsoft.Extensions.Options.Options.DefaultName;

    /// <summary>Logs details from now on, or no longer.</summary>
    /// <param name="detailed">True for details.</param>
    public void Set(bool detailed)
    {
        CancellationTokenSource before;
        lock (gate)
        {
            if (debug == detailed)
                return;
            (debug, before, changed) = (detailed, changed, new CancellationTokenSource());
        }
        before.Cancel();
        before.Dispose();
    }

    /// <inheritdoc/>
    public void Configure(LoggerFilterOptions options)
    {
        options.MinLevel = debug ? LogLevel.Debug : LogLevel.Information;
        foreach (var library in Libraries)
            options.AddFilter(library, debug ? LogLevel.Information : LogLevel.Warning);
        // A start that fails is told by whoever asked for it, in a line; the host would tell it again with its stack.
        options.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", debug ? LogLevel.Information : LogLevel.None);
    }

    /// <inheritdoc/>
    public IChangeToken GetChangeToken()
    {
        lock (gate)
            return new CancellationChangeToken(changed.Token);
    }

    /// <inheritdoc/>
    public void Dispose() => changed.Dispose();
}
