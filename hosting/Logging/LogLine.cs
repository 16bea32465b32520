using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>One record of the log as oslo.log writes it: <c>date time pid LEVEL category [request] message</c>. Pure.</summary>
internal static class LogLine
{
    /// <summary>The lines of a record, each with its line end: the message, then the exception's text line by line.</summary>
    public static string Format(LogRecord record)
    {
        var prefix = Prefix(record);
        var text = new StringBuilder(prefix).Append(Printable.Escape(record.Message)).Append('\n');
        if (record.Exception is not null)
        {
            foreach (var line in record.Exception.ToString().Split('\n'))
                text.Append(prefix).Append(Printable.Escape(line.TrimEnd('\r'))).Append('\n');
        }
        return text.ToString();
    }

    private static string Prefix(LogRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"{record.Time:yyyy-MM-dd HH:mm:ss.fff} {record.ProcessId} {Level(record.Level)} " +
        $"{Printable.Escape(record.Category)} [{record.RequestId ?? "-"}] ");

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
internal sealed record LogRecord(DateTimeOffset Time, int ProcessId, LogLevel Level, string Category, string Message)
{
    public string? RequestId { get; init; }
    public Exception? Exception { get; init; }
    public int EventId { get; init; }
    public string? TraceId { get; init; }
}
