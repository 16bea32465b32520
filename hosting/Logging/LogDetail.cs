using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Cyborg.Hosting;

/// <summary>How much a process logs; it can be changed while it runs.</summary>
public sealed class LogDetail : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    /// <summary>Libraries tell every step at Information; an operator wants them only when looking for an error.</summary>
    private static readonly string[] Libraries = ["Microsoft", "System", "NATS"];

    private readonly Lock _gate = new();
    private CancellationTokenSource _changed = new();
    private volatile bool _debug;

    /// <summary>Makes one.</summary>
    /// <param name="debug">True to log details.</param>
    public LogDetail(bool debug) => _debug = debug;

    /// <summary>True if details are logged.</summary>
    public bool Debug => _debug;

    /// <inheritdoc/>
    public string? Name => Microsoft.Extensions.Options.Options.DefaultName;

    /// <summary>Logs details from now on, or no longer.</summary>
    /// <param name="detailed">True for details.</param>
    public void Set(bool detailed)
    {
        CancellationTokenSource before;
        lock (_gate)
        {
            if (_debug == detailed)
                return;
            (_debug, before, _changed) = (detailed, _changed, new CancellationTokenSource());
        }
        before.Cancel();
        before.Dispose();
    }

    /// <inheritdoc/>
    public void Configure(LoggerFilterOptions options)
    {
        options.MinLevel = _debug ? LogLevel.Debug : LogLevel.Information;
        foreach (var library in Libraries)
            options.AddFilter(library, _debug ? LogLevel.Information : LogLevel.Warning);
        // Its one line of worth, an exception that nobody caught, the server tells, too; as long as anybody listens it makes a scope and a span of each request.
        options.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", _debug ? LogLevel.Information : LogLevel.None);
        // A start that fails is told by whoever asked for it, in a line; the host would tell it again with its stack.
        options.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", _debug ? LogLevel.Information : LogLevel.None);
    }

    /// <inheritdoc/>
    public IChangeToken GetChangeToken()
    {
        lock (_gate)
            return new CancellationChangeToken(_changed.Token);
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();
}
