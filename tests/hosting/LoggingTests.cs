using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting.Tests;

public sealed class LoggingTests : IDisposable
{
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    private ILoggerFactory Create(bool debug = false) =>
        LoggingSetup.Create(CyborgConfig.Empty.With(SharedOptions.DebugOption, debug), _output, new FixedTime());

    private static string Prefix(string level, string id = "-") =>
        $"2026-11-22 14:00:00.123 {Environment.ProcessId} {level} Cyborg.Test [{id}] ";

    [Fact]
    public void A_record_is_one_line_in_oslos_form()
    {
        using var logs = Create();
        logs.CreateLogger("Cyborg.Test").LogWarning("All {Count} well", 3);
        Assert.Equal(Prefix("WARNING") + "All 3 well\n", _output.ToString());
    }

    [Fact]
    public void A_scope_carries_the_request_id_and_inner_ones_win()
    {
        using var logs = Create();
        var logger = logs.CreateLogger("Cyborg.Test");
        var (first, second) = (RequestId.New(), RequestId.New());
        using (logger.BeginRequest(first))
        {
            logger.LogInformation("a");
            using (logger.BeginRequest(second))
                logger.LogInformation("b");
        }
        logger.LogInformation("c");
        Assert.Equal($"{Prefix("INFO", first)}a\n{Prefix("INFO", second)}b\n{Prefix("INFO")}c\n", _output.ToString());
    }

    [Fact]
    public void To_any_other_log_a_requests_scope_is_the_pair_of_its_id()
    {
        var id = RequestId.New();
        var scope = new RequestScope(id);
        Assert.Equal([new KeyValuePair<string, object?>("RequestId", id)], scope);
        Assert.Equal((1, id), (scope.Count, scope[0].Value));
    }

    [Fact]
    public void A_scope_of_pairs_carries_the_request_id_too()
    {
        using var logs = Create();
        var (logger, id) = (logs.CreateLogger("Cyborg.Test"), RequestId.New());
        using (logger.BeginScope(new Dictionary<string, object?> { ["RequestId"] = id }))
            logger.LogInformation("a");
        Assert.Equal($"{Prefix("INFO", id)}a\n", _output.ToString());
    }

    [Fact]
    public void What_is_no_request_id_does_not_enter_a_line()
    {
        using var logs = Create();
        var logger = logs.CreateLogger("Cyborg.Test");
        using (logger.BeginRequest("req-1] ERROR forged"))
            logger.LogInformation("a");
        Assert.Equal(Prefix("INFO") + "a\n", _output.ToString());
    }

    [Theory]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("a\r\nb\tc", "a\\r\\nb\\tc")]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("a\u0085b\u2028c\u202ed", "a\\u0085b\\u2028c\\u202ed")]
    [InlineData("fine ä漢😀 \\n", "fine ä漢😀 \\n")]
    public void Control_characters_are_escaped(string message, string expected)
    {
        using var logs = Create();
        logs.CreateLogger("Cyborg.Test").LogInformation("{Message}", message);
        Assert.Equal($"{Prefix("INFO")}{expected}\n", _output.ToString());
    }

    [Fact]
    public void Half_a_character_is_escaped() => Assert.Equal("lone \\ud800 end", Printable.Escape("lone \ud800 end"));

    [Fact]
    public void Each_line_of_an_exception_has_the_prefix()
    {
        using var logs = Create();
        var exception = new InvalidOperationException("one\n2026-01-01 forged");
        logs.CreateLogger("Cyborg.Test").LogError(exception, "Failed");
        var lines = _output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.StartsWith(Prefix("ERROR"), line));
    }

    [Fact]
    public void Debug_shows_details_of_ours_but_not_of_libraries()
    {
        using (var logs = Create())
        {
            logs.CreateLogger("Cyborg.Test").LogDebug("hidden");
            logs.CreateLogger("Microsoft.AspNetCore").LogInformation("hidden");
        }
        Assert.Empty(_output.ToString());
        using (var logs = Create(debug: true))
        {
            logs.CreateLogger("Cyborg.Test").LogDebug("shown");
            logs.CreateLogger("Microsoft.AspNetCore").LogDebug("hidden");
        }
        Assert.Equal(Prefix("DEBUG") + "shown\n", _output.ToString());
    }

    [Fact]
    public void The_level_changes_while_the_process_runs()
    {
        using var detail = new LogDetail(debug: false);
        using var logs = LoggingSetup.Create(CyborgConfig.Empty, _output, new FixedTime(), detail);
        var (ours, library) = (logs.CreateLogger("Cyborg.Test"), logs.CreateLogger("Microsoft.AspNetCore"));
        Say("one");
        detail.Set(true);
        detail.Set(true);
        Say("two");
        detail.Set(false);
        Say("three");
        Assert.Equal(2, _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(Prefix("DEBUG") + "two\n", _output.ToString(), StringComparison.Ordinal);

        void Say(string word)
        {
            ours.LogDebug("{Word}", word);
            library.LogInformation("{Word}", word);
        }
    }

    [Fact]
    public void Warnings_of_the_configuration_are_logged()
    {
        using var logs = Create();
        logs.LogConfigWarnings(CyborgConfig.Parse([new("f", "[odd]\nx=1\ny=2")], []));
        Assert.Equal(2, _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 22, 14, 0, 0, 123, TimeSpan.Zero);
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
