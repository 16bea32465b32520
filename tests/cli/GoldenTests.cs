namespace Cyborg.Cli.Tests;

/// <summary>What pages look like: files in <c>golden/</c>, one for each verb and format. <c>CYBORG_WRITE_GOLDEN=FOLDER</c> writes them anew.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly Cli _cli;

    public GoldenTests()
    {
        _cli = Cli.At(_api.Url);
        _api.Answers("GET", "/v1/accelerators", 200, Samples.List());
        _api.Answers("GET", $"/v1/accelerators/{Samples.First}", 200, Samples.Accelerator());
        _api.Answers("GET", $"/v1/accelerators/{Samples.Second}", 200, Samples.Accelerator(Samples.Second, "attached", Samples.Attachment()));
        _api.Answers("GET", "/v1/drivers", 200, Samples.Drivers);
        _api.Answers("GET", "/v1/services", 200, Samples.Services);
        _api.Answers("GET", $"/v1/accelerators/{Samples.First}/usage", 200, $$"""
            {"uuid": "{{Samples.First}}", "usage": {"accelerators_in_use": 2, "utilization_percent": 37.5}, "measured_at": "2026-11-22T21:00:00.123456+00:00", "unknown_since": null}
            """);
        _api.Answers("GET", $"/v1/accelerators/{Samples.Second}/usage", 200, $$"""
            {"uuid": "{{Samples.Second}}", "usage": null, "measured_at": null, "unknown_since": "2026-11-22T20:58:00+00:00"}
            """);
    }

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    public static MatrixTheoryData<string, string> Pages => new(
        [
            "accelerator-list", "accelerator-list -c name -c attached_to -c state_reason", $"accelerator-show {Samples.First}", $"accelerator-show {Samples.Second} -c attach_info -c state",
            "driver-list", "driver-list -c id -c kinds -c creates", "service-list", "usage",
        ],
        ["table", "json", "yaml", "value", "csv"]);

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_is_printed_as_ever(string line, string format)
    {
        var output = await _cli.DoAsync([.. line.Split(' '), "-f", format]);
        var name = $"{line.Replace(Samples.First, "1", StringComparison.Ordinal).Replace(Samples.Second, "2", StringComparison.Ordinal).Replace(" -c ", "+", StringComparison.Ordinal).Replace(' ', '-')}.{format}";
        Compare(name, output);
    }

    [Theory]
    [InlineData("accelerator-list", 100)]
    [InlineData("accelerator-show", 60)]
    public async Task A_table_fits_its_width(string verb, int width)
    {
        string[] line = verb == "accelerator-show" ? [verb, Samples.First] : [verb];
        var output = await _cli.DoAsync([.. line, "--max-width", $"{width}"]);
        Assert.All(output.Split('\n'), text => Assert.True(text.Length <= width, text));
        Compare($"{verb}.{width}", output);
    }

    private static void Compare(string name, string output)
    {
        if (Environment.GetEnvironmentVariable("CYBORG_WRITE_GOLDEN") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, name), output);
            return;
        }
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", name)), output);
    }
}
