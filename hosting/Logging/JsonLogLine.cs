using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>One record of the log as one line of JSON, with the keys of oslo.log's <c>JSONFormatter</c> (<c>[DEFAULT] use_json</c>), as far as they mean something
/// here. Pure, but for the machine's name.</summary>
internal static class JsonLogLine
{
    // Whoever reads a line parses it; nobody puts it into HTML.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string Machine = Dns.GetHostName();

    /// <summary>Writes the line of a record, with its line end.</summary>
    public static void Format(LogRecord record, LineBuffer lines)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
            Write(writer, record);
        lines.Append(Encoding.UTF8.GetString(buffer.WrittenSpan));
        lines.Append('\n');
    }

    private static void Write(Utf8JsonWriter writer, in LogRecord record)
    {
        writer.WriteStartObject();
        writer.WriteString("message", record.Message);
        writer.WriteString("asctime", record.Time.ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture));
        writer.WriteString("name", record.Category);
        writer.WriteString("levelname", LogLine.Level(record.Level));
        writer.WriteNumber("levelno", Number(record.Level));
        writer.WriteNumber("created", record.Time.ToUnixTimeMilliseconds() / 1000.0);
        writer.WriteNumber("process", record.ProcessId);
        writer.WriteString("hostname", Machine);
        writer.WriteNumber("event_id", record.EventId);
        writer.WriteStartObject("context");
        writer.WriteString("request_id", record.RequestId);
        writer.WriteString("trace_id", record.TraceId);
        writer.WriteEndObject();
        if (record.Exception is { } exception)
        {
            writer.WriteString("error_summary", $"{exception.GetType().FullName}: {exception.Message}");
            writer.WriteStartArray("traceback");
            foreach (var line in exception.ToString().Split('\n'))
                writer.WriteStringValue(line.TrimEnd('\r'));
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("error_summary", "");
            writer.WriteNull("traceback");
        }
        writer.WriteEndObject();
    }

    // Python's numbers, which tools of OpenStack filter by.
    private static int Number(LogLevel level) => level switch
    {
        LogLevel.Trace => 5,
        LogLevel.Debug => 10,
        LogLevel.Information => 20,
        LogLevel.Warning => 30,
        LogLevel.Error => 40,
        _ => 50,
    };
}
