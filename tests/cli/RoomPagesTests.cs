using System.Text.Json.Nodes;

namespace Cyborg.Cli.Tests;

/// <summary><c>cyborg doctor</c> and <c>cyborg config</c>: the pages of the programs that are here, joined.</summary>
public sealed class RoomPagesTests : IDisposable
{
    private readonly Command _command = new();
    private readonly string _bin;

    public RoomPagesTests() => _bin = Directory.CreateDirectory(Path.Combine(_command.Folder, "bin")).FullName;

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Pages_are_joined_and_the_worst_exit_code_counts()
    {
        Script("cyborg-agent", "echo agent; echo odd >&2; exit 1");
        Script("cyborg-api", "printf '%s ' \"$@\"; echo; exit 2");
        var (code, output, error) = await RunAsync("doctor", "--quick");
        Assert.Equal((2, "odd\n"), (code, error));
        Assert.Equal($"== cyborg-api ==\ndoctor --quick --config-file {_command.Folder}/cyborg.conf \n\n== cyborg-agent ==\nagent\n", output);
    }

    [Theory]
    [InlineData("-f", "json")]
    [InlineData("--format", "json")]
    [InlineData("--format=json")]
    public async Task As_json_they_are_one_object(params string[] format)
    {
        Script("cyborg-conductor", """echo '{"ok": true}'""");
        Script("cyborg-api", "echo this is none");
        var (code, output, _) = await RunAsync(["doctor", .. format]);
        Assert.Equal(0, code);
        Assert.Equal("""{"cyborg-api":"this is none\n","cyborg-conductor":{"ok":true}}""", JsonNode.Parse(output)!.ToJsonString());
    }

    [Fact]
    public async Task A_sample_is_written_once_for_all_services()
    {
        Script("cyborg-api", "printf '%s ' \"$@\"");
        Script("cyborg-agent", "exit 9");
        var (code, output, _) = await RunAsync("config", "sample");
        Assert.Equal((0, $"config sample --config-file {_command.Folder}/cyborg.conf --all "), (code, output));
    }

    [Fact]
    public async Task Of_one_program_this_becomes_it()
    {
        Script("cyborg-agent", "cat; exit 7");
        Assert.Equal((7, "asked", ""), await RunAsync("config", "check"));
    }

    [Fact]
    public async Task Of_none_it_says_which_are_missing()
    {
        var (code, _, error) = await RunAsync("doctor");
        Assert.Equal(127, code);
        Assert.StartsWith("cyborg: cyborg-api, cyborg-conductor, cyborg-agent: it is neither in ", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await _command.RunProgramAsync(_command.Alone(), "asked", $"{_bin}:/usr/bin:/bin", arguments);
        return (code, output, error);
    }

    private void Script(string name, string text) => Command.Script(Path.Combine(_bin, name), text);
}
