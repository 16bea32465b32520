namespace Cyborg.Cli.Tests;

/// <summary>Runs the program in this process: its own entry, with a folder, variables and streams of one test.</summary>
internal sealed class Cli : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("cyborg-cli-").FullName;

    /// <summary>Environment variables; HOME is the folder.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For a Cyborg without Keystone.</summary>
    public static Cli At(string endpoint, TimeProvider? time = null)
    {
        var cli = new Cli { Time = time ?? TimeProvider.System };
        cli.Variables["OS_ENDPOINT_OVERRIDE"] = endpoint;
        cli.Variables["OS_AUTH_TYPE"] = "none";
        return cli;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Surroundings Surroundings(TextWriter? output = null, TextWriter? error = null) => new()
    {
        Variable = name => name == "HOME" ? Folder : Variables.GetValueOrDefault(name),
        Folder = Folder,
        Output = output ?? TextWriter.Null,
        Error = error ?? TextWriter.Null,
        Time = Time,
        SuggestPatience = TimeSpan.FromMinutes(1),
        Pause = TimeSpan.FromMilliseconds(20),
    };

    public async Task<Command.Result> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await OperatorCommandLine.RunAsync(arguments, Surroundings(output, error)).WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        return new Command.Result(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs it where it is expected to work; gives its standard output.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == 0 && error.Length == 0, $"{string.Join(' ', arguments)} ends with {code}: {error}");
        return output;
    }

    /// <summary>Runs it where it is expected to fail: with one line on standard error, and nothing else anywhere.</summary>
    public async Task<string> FailAsync(int code, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.Equal("", result.Output);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("cyborg: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.True(code == result.Code, $"{result.Code}: {line}");
        return line["cyborg: ".Length..];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
