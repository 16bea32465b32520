namespace Cyborg.Cli.Tests;

/// <summary>How the operator's program becomes a service's.</summary>
public sealed class RoomProgramTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Help_names_the_verbs_and_the_help_of_a_verb_is_the_services()
    {
        var own = await _command.RunAsync("--help");
        Assert.Equal(0, own.Code);
        Assert.Contains("policy", own.Output, StringComparison.Ordinal);
        var services = await _command.RunAsync("policy", "check", "--help");
        Assert.Equal(0, services.Code);
        Assert.Contains("reader|member", services.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_verb_is_refused() => Assert.Equal(2, (await _command.RunAsync("nonsense")).Code);

    [Fact]
    public async Task Arguments_and_flags_before_the_verb_are_passed_on_as_they_are()
    {
        var bin = Directory.CreateDirectory(Path.Combine(_command.Folder, "bin")).FullName;
        Command.Script(Path.Combine(bin, "cyborg-api"), "printf '%s\\n' \"$@\"; cat; exit 7");
        // Alone in a folder, so that only PATH knows the other program.
        var (code, output, error) = await _command.RunProgramAsync(_command.Alone(), "from standard input", $"{bin}:/usr/bin:/bin", "--debug", "policy", "a b", "ü", "");
        Assert.Equal((7, ""), (code, error));
        Assert.Equal(["--debug", "policy", "a b", "ü", "", "--config-file", Path.Combine(_command.Folder, "cyborg.conf"), "from standard input"], output.Split('\n'));
    }

    [Fact]
    public async Task A_program_that_is_not_here_is_named()
    {
        var (code, _, error) = await _command.RunProgramAsync(_command.Alone(), "", "/nowhere", "policy", "list");
        Assert.Equal(127, code);
        Assert.StartsWith("cyborg: cyborg-api: it is neither in ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_beside_wins_and_what_cannot_be_run_does_not_count()
    {
        var (first, second) = (Path.Combine(_command.Folder, "1"), Path.Combine(_command.Folder, "2"));
        Directory.CreateDirectory(first);
        Directory.CreateDirectory(second);
        Command.Script(Path.Combine(second, "p"), "");
        File.WriteAllText(Path.Combine(first, "p"), "");
        Assert.Equal(Path.Combine(second, "p"), RoomProgram.Find("p", first, $"::{second}"));
        File.SetUnixFileMode(Path.Combine(first, "p"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(Path.Combine(first, "p"), RoomProgram.Find("p", first, second));
        Assert.Null(RoomProgram.Find("q", first, null));
    }
}
