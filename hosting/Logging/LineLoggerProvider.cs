using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>Writes log records as single lines to a writer, one at a time.</summary>
internal sealed class LineLoggerProvider(TextWriter output, TimeProvider time) : ILoggerProvider, ISupportExternalScope
{
    private readonly Lock gate = new();
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
        lock (gate)
            output.Flush();
    }

    private void Write(LogRecord record)
    {
        var lines = LogLine.Format(record);
        try
        {
            lock (gate)
            {
                output.Write(lines);
                output.Flush();
            }
        }
        catch (IOException)
        {
            // A closed or full standard error must not stop the service.
        }
    }

    private string? CurrentRequestId()
    {
        var found = new FoundId();
        scopes.ForEachScope(static (scope, found) => found.Take(scope), found);
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

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => owner.scopes.Push(state);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            owner.Write(new LogRecord(owner.Now, Environment.ProcessId, logLevel, category, formatter(state, exception))
            {
                RequestId = owner.CurrentRequestId(),
                Exception = exception,
            });
        }
    }

    private DateTimeOffset Now => time.GetLocalNow();
}
