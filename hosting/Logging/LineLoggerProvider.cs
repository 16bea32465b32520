using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>Makes lines of log records.</summary>
/// <param name="output">Where they go; closed with this.</param>
/// <param name="time">The clock.</param>
/// <param name="format">Makes the lines of a record, each with its line end.</param>
internal sealed class LineLoggerProvider(LineOutput output, TimeProvider time, Action<LogRecord, LineBuffer> format) : ILoggerProvider, ISupportExternalScope
{
    // Lines are made beside each other and only taken one after the other.
    [ThreadStatic]
    private static LineBuffer? _lines;

    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => output.Dispose();

    private void Write(in LogRecord record)
    {
        var lines = _lines ??= new LineBuffer();
        lines.Clear();
        format(record, lines);
        output.Add(lines.Text, urgent: record.Level >= LogLevel.Warning);
    }

    private string? CurrentRequestId()
    {
        var found = new FoundId();
        _scopes.ForEachScope(static (scope, found) => found.Take(scope), found);
        return found.Value;
    }

    private sealed class FoundId
    {
        public string? Value { get; private set; }

        public void Take(object? scope)
        {
            if (scope is RequestScope request)
                Value = request.Id ?? Value;
            else if (scope is IEnumerable<KeyValuePair<string, object?>> pairs)
                Search(pairs);
        }

        private void Search(IEnumerable<KeyValuePair<string, object?>> pairs)
        {
            foreach (var (key, value) in pairs)
            {
                if (key == LoggingSetup.RequestIdKey && value is string text && RequestId.IsValid(text))
                    Value = text;
            }
        }
    }

    private sealed class LineLogger(LineLoggerProvider owner, string category) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => owner._scopes.Push(state);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            owner.Write(new LogRecord(owner.Now, Environment.ProcessId, logLevel, category, formatter(state, exception))
            {
                RequestId = owner.CurrentRequestId(),
                Exception = exception,
                EventId = eventId.Id,
                TraceId = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true } activity ? activity.TraceId.ToHexString() : null,
            });
        }
    }

    private DateTimeOffset Now => time.GetLocalNow();
}
