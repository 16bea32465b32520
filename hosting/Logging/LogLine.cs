using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>One record of the log as oslo.log writes it: <c>date time pid LEVEL category [request] message</c>. Pure.</summary>
internal static class LogLine
{
    /// <summary>Writes the lines of a record, each with its line end: the message, then the exception's text line by line.</summary>
    public static void Format(LogRecord record, LineBuffer lines)
    {
        var begin = lines.Length;
        WritePrefix(record, lines);
        var prefix = lines.Length - begin;
        lines.Append(Printable.Escape(record.Message));
        lines.Append('\n');
        if (record.Exception is null)
            return;
        foreach (var line in record.Exception.ToString().Split('\n'))
        {
            lines.AppendAgain(begin, prefix);
            lines.Append(Printable.Escape(line.TrimEnd('\r')));
            lines.Append('\n');
        }
    }

    private static void WritePrefix(LogRecord record, LineBuffer lines)
    {
        lines.Append(record.Time, "yyyy-MM-dd HH:mm:ss.fff");
        lines.Append(' ');
        lines.Append(record.ProcessId);
        lines.Append(' ');
        lines.Append(Level(record.Level));
        lines.Append(' ');
        lines.Append(Printable.Escape(record.Category));
        lines.Append(" [");
        lines.Append(record.RequestId ?? "-");
        lines.Append("] ");
    }

    /// <summary>Python's word for a level.</summary>
    internal static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };
}

/// <summary>What a line of the log is made of.</summary>
internal readonly record struct LogRecord(DateTimeOffset Time, int ProcessId, LogLevel Level, string Category, string Message)
{
    public string? RequestId { get; init; }
    public Exception? Exception { get; init; }
    public int EventId { get; init; }
    public string? TraceId { get; init; }
}

/// <summary>Text that grows, for lines on their way out: it is filled and emptied over and over, and no line becomes a string of its own.</summary>
internal sealed class LineBuffer
{
    /// <summary>Characters beyond which a buffer that has been emptied is let go of.</summary>
    private const int MaxKept = 64 * 1024;

    private char[] _text = new char[1024];

    /// <summary>Characters in it.</summary>
    public int Length { get; private set; }

    /// <summary>What is in it.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    public void Append(char letter) => Take(1)[0] = letter;

    public void Append(ReadOnlySpan<char> text) => text.CopyTo(Take(text.Length));

    /// <summary>Appends a part of itself.</summary>
    public void AppendAgain(int begin, int length)
    {
        var target = Take(length);
        _text.AsSpan(begin, length).CopyTo(target);
    }

    public void Append(int number)
    {
        var target = Take(11);
        number.TryFormat(target, out var written, provider: CultureInfo.InvariantCulture);
        Length -= target.Length - written;
    }

    public void Append(DateTimeOffset time, string format)
    {
        var target = Take(40);
        time.TryFormat(target, out var written, format, CultureInfo.InvariantCulture);
        Length -= target.Length - written;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Length = 0;
        if (_text.Length > MaxKept)
            _text = new char[1024];
    }

    private Span<char> Take(int length)
    {
        if (_text.Length - Length < length)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, Length + length));
        var taken = _text.AsSpan(Length, length);
        Length += length;
        return taken;
    }
}
