using System.Diagnostics;

namespace Cyborg.Cli.Tests;

/// <summary>What a shell is told when somebody presses Tab.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly Cli _cli;

    public CompletionTests()
    {
        _cli = Cli.At(_api.Url);
        _api.Answers("GET", "/v1/accelerators", 200, Samples.List());
        _api.Answers("GET", "/v1/drivers", 200, Samples.Drivers);
    }

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    [Theory]
    [InlineData("driver-", "driver-list")]
    [InlineData("", "driver-list", "policy", "complete", "--os-cloud")]
    [InlineData("accelerator-list -f ", "table", "yaml")]
    [InlineData("accelerator-list -c ", "uuid", "attached_to")]
    [InlineData("accelerator-list --st", "--state")]
    [InlineData("accelerator-list --state a", "attached", "attaching")]
    [InlineData("accelerator-show ", "one", "--format")]
    [InlineData("accelerator-attach o", "one")]
    [InlineData("attach-instance x --accelerator ", "one")]
    [InlineData("uninstall-driver ", "fake_driver", "sample_driver")]
    [InlineData("driver-list --os-cloud ", "devstack", "prod")]
    [InlineData("complete --shell ", "bash", "zsh")]
    public async Task Words_are_suggested(string line, params string[] words)
    {
        _cli.Write("clouds.yaml", "clouds: {devstack: {}, prod: {}}");
        var suggested = (await _cli.DoAsync($"[suggest:{line.Length}]", line)).Split('\n');
        Assert.Empty(words.Except(suggested));
        Assert.DoesNotContain(suggested, word => word.StartsWith('/') || word.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_service_there_is_nothing_to_suggest_and_no_fault()
    {
        using var alone = Cli.At("http://127.0.0.1:1");
        alone.Write("clouds.yaml", "clouds: [");
        Assert.DoesNotContain("one", (await alone.DoAsync("[suggest:17]", "accelerator-show ")).Split('\n'));
        await alone.DoAsync("[suggest:23]", "driver-list --os-cloud ");
    }

    [Fact]
    public async Task The_words_of_another_programs_verb_are_that_programs()
    {
        using var command = new Command();
        using var process = Process.Start(new ProcessStartInfo(Command.Program, ["[suggest:8]", "policy l"]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("list", output.Split('\n'));
    }

    [Theory]
    [InlineData("cyborg driver-", "driver-list")]
    [InlineData("cyborg accelerator-list -f y", "yaml")]
    [InlineData("cyborg accel", "accelerator-attach accelerator-create accelerator-delete accelerator-detach accelerator-list accelerator-ready accelerator-show accelerator-update")]
    public async Task Bash_completes_with_the_script(string line, string words)
    {
        var script = _cli.Write("completion.bash", await _cli.DoAsync("complete", "--shell", "bash"));
        var test = $$"""
            set -eu
            PATH={{AppContext.BaseDirectory}}:$PATH
            source {{script}}
            COMP_LINE='{{line}}'; COMP_POINT={{line.Length}}; COMP_WORDS=({{line}}); COMP_CWORD=$(({{line.Split(' ').Length}} - 1))
            _cyborg_complete
            echo "${COMPREPLY[*]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", test]) { RedirectStandardOutput = true })!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, words + "\n"), (bash.ExitCode, output));
    }

    [Fact]
    public async Task Zsh_has_a_script_too() => Assert.Contains("compdef _cyborg_complete cyborg", await _cli.DoAsync("complete", "--shell", "zsh"), StringComparison.Ordinal);
}
