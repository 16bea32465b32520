using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging.Tests;

/// <summary>Keeps everything that is logged, exceptions included.</summary>
internal sealed class LogList : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public int Count(string text) => _lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public bool Has(string text) => Count(text) > 0;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}

internal static class Eventually
{
    /// <summary>Waits for something that happens soon and can't be awaited.</summary>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience.Most);
        while (!condition())
            await Task.Delay(5, patience.Token);
    }
}
