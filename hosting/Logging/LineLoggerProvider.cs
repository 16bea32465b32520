using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>Makes lines of log records.</summary>
/// <param name="output">Where they go; closed with this.</param>
/// <param name="time">The clock.</param>
/// <param name="format">Makes the lines of a record, each with its line end.</param>
internal sealed class LineLoggerProvider(LineOutput output, TimeProvider time, Func<LogRecord, string> format) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => output.Dispose();

    private void Write(LogRecord record) => output.Add(format(record), urgent: record.Level >= LogLevel.Warning);

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
            if (scope is not IEnumerable<KeyValuePair<string, object?>> pairs)
                return;
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
