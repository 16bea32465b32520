using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cyborg.Keystone.Tests;

/// <summary>Keeps every line that is logged, exceptions included.</summary>
internal sealed class LogBook : ILoggerProvider, ILoggerFactory
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(LogBook book) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            book.Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
