using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting.Tests;

/// <summary><c>[DEFAULT] use_json</c>: one line for each record, with oslo.log's keys.</summary>
public sealed class JsonLogTests
{
    [Fact]
    public void Each_record_is_one_line_with_the_keys_of_oslo_log()
    {
        using var output = new StringWriter();
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", "[DEFAULT]\nuse_json = true\n")], SharedOptions.All);
        const string Request = "req-8e45a2ea-5364-4b0d-a252-bf8becaa606e";
        using (var logs = LoggingSetup.Create(config, output))
        {
            var log = logs.CreateLogger("cyborg.test");
            using (log.BeginRequest(Request))
                log.Log(LogLevel.Warning, new EventId(4711), "a \"quoted\" line\nand\tanother é", null, (state, _) => state);
            log.Log(LogLevel.Error, new EventId(1), "it broke", new InvalidOperationException("why"), (state, _) => state);
        }
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using var first = JsonDocument.Parse(lines[0]);
        var told = first.RootElement;
        Assert.Equal("a \"quoted\" line\nand\tanother é", told.GetProperty("message").GetString());
        Assert.Equal(("cyborg.test", "WARNING", 30, 4711), (told.GetProperty("name").GetString(), told.GetProperty("levelname").GetString(), told.GetProperty("levelno").GetInt32(), told.GetProperty("event_id").GetInt32()));
        Assert.Equal(Request, told.GetProperty("context").GetProperty("request_id").GetString());
        Assert.Equal(JsonValueKind.Null, told.GetProperty("traceback").ValueKind);
        Assert.Equal(Environment.ProcessId, told.GetProperty("process").GetInt32());
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$", told.GetProperty("asctime").GetString());
        using var second = JsonDocument.Parse(lines[1]);
        Assert.Equal("System.InvalidOperationException: why", second.RootElement.GetProperty("error_summary").GetString());
        Assert.Contains("why", second.RootElement.GetProperty("traceback")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, second.RootElement.GetProperty("context").GetProperty("request_id").ValueKind);
    }
}
