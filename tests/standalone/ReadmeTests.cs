using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cyborg.Standalone.Tests;

/// <summary>The commands of the README, extracted and run as they stand; only the address is this test's own.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_walk_of_the_readme_works_as_written()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        var script = Assert.Single(ShellBlocks().Matches(readme)).Groups[1].Value;
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        Assert.Contains("http://127.0.0.1:6666", script, StringComparison.Ordinal);

        // Each curl tells its status, so that a refusal is seen; set -e stops at the first command that fails.
        script = script.Replace("http://127.0.0.1:6666", cyborg.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var (code, text) = await RunAsync("set -euo pipefail\ncurl() { command curl --fail-with-body \"$@\"; }\n" + script);

        Assert.True(code == 0, text);
        Assert.Contains("\"state\":\"Bound\"", text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"bus\"", text.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(0, (await cyborg.GetAsync("v2/accelerator_requests")).GetProperty("arqs").GetArrayLength());
        Assert.Equal(0, (await cyborg.GetAsync("v2/device_profiles")).GetProperty("device_profiles").GetArrayLength());
    }

    [Fact]
    public async Task The_three_commands_of_the_welcome_work_as_written()
    {
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        await WelcomeAsync(cyborg);
        var commands = cyborg.Text.Split('\n').Where(line => line.StartsWith("  curl ", StringComparison.Ordinal)).ToList();
        var (code, text) = await RunAsync("set -euo pipefail\ncurl() { command curl --fail-with-body \"$@\"; }\n" + string.Join('\n', commands));
        Assert.Equal(3, commands.Count);
        Assert.True(code == 0, text);
    }

    private static async Task WelcomeAsync(StandaloneProcess cyborg)
    {
        while (!cyborg.Text.Contains("Ctrl-C stops", StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    private static async Task<(int Code, string Text)> RunAsync(string script)
    {
        var stop = TestContext.Current.CancellationToken;
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (text, errors) = (shell.StandardOutput.ReadToEndAsync(stop), shell.StandardError.ReadToEndAsync(stop));
        await shell.WaitForExitAsync(stop);
        return (shell.ExitCode, await text + await errors);
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlocks();
}
