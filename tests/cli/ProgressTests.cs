using System.Diagnostics;
using System.Text;

namespace Cyborg.Cli.Tests;

/// <summary>A person sees that something goes on; a pipe does not.</summary>
public sealed class ProgressTests
{
    private const string Script = "/usr/bin/script";

    [Fact]
    public async Task On_a_terminal_something_long_shows_progress_and_a_framed_table()
    {
        if (!File.Exists(Script))
            TestServers.Servers.Missing("script", "bsdutils");
        using var api = new FakeApi();
        using var cli = Cli.At(api.Url);
        var path = $"/v1/accelerators/{Samples.First}";
        api.Answers("PUT", path, 504, FakeApi.Fault("on")).Answers("GET", path, 200, Samples.Accelerator());
        var line = $"{Command.Program} --os-endpoint {api.Url} accelerator-attach {Samples.First} --wait -c uuid";
        var start = new ProcessStartInfo(Script, ["-qec", line, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = cli.Folder };
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        var seen = await ReadUntilAsync("Attaching the accelerator ...", process.StandardOutput);
        // Not before the person has seen that it goes on, however slow the program is.
        api.Answers("PUT", path, 200, Samples.Accelerator());
        seen += await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("Attaching the accelerator ...", seen, StringComparison.Ordinal);
        Assert.Contains($"| uuid  | {Samples.First} |", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_quick_shows_none()
    {
        using var error = new StringWriter();
        using var cli = new Cli();
        var surroundings = cli.Surroundings(null, error) with { ErrorIsTerminal = true };
        Assert.Equal(7, await Progress.DuringAsync(surroundings, "Thinking", () => Task.FromResult(7)));
        await Assert.ThrowsAsync<CliFault>(() => Progress.DuringAsync<int>(surroundings, "Thinking", () => throw CliFault.Failed("x")));
        Assert.Equal("", error.ToString());
    }

    private static async Task<string> ReadUntilAsync(string wanted, StreamReader reader)
    {
        var seen = new StringBuilder();
        var buffer = new char[1024];
        while (!seen.ToString().Contains(wanted, StringComparison.Ordinal)
            && await reader.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
            seen.Append(buffer, 0, read);
        return seen.ToString();
    }
}
