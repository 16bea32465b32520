using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Cyborg.Crash.Tests;

/// <summary>One line of the log: a call of a client with its outcome, a kill, or a remark of the judge.</summary>
/// <param name="Seconds">Since the begin.</param>
/// <param name="What">Such as <c>bind</c>, <c>kill</c>, <c>lie</c>.</param>
/// <param name="Who">The walk, or the victim.</param>
/// <param name="Text">The rest.</param>
internal sealed record HistoryLine(double Seconds, string What, string Who, string Text);

/// <summary>Everything that happened, on disk as JSON lines as it happens.</summary>
internal sealed class History : IDisposable
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly StreamWriter _file;
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public History(string path) => _file = new StreamWriter(path) { AutoFlush = true };

    /// <summary>Seconds since the begin.</summary>
    public double Now => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Everything that must not be, a line each.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>How often what happened.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    public void Note(string what, string who, string text)
    {
        var line = JsonSerializer.Serialize(new HistoryLine(Math.Round(Now, 3), what, who, text));
        lock (_file) _file.WriteLine(line);
    }

    public void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    public void Accuse(string who, string text)
    {
        _wrong.Enqueue($"{Now:F3} {who}: {text}");
        Note("wrong", who, text);
    }

    public void Dispose() => _file.Dispose();
}
