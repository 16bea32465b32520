using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cyborg.Storage.Tests;

/// <summary>Keeps what is logged, and tells whoever waits for the first line.</summary>
internal sealed class ListLogger : ILoggerFactory, ILogger
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Lines { get; } = new();

    public Task First => _first.Task;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
        _first.TrySetResult();
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
