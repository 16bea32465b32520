using System.Diagnostics;

namespace Cyborg.Cli.Tests;

/// <summary>Runs <c>cyborg</c> as a process, in a folder of one test.</summary>
internal sealed class Command : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("cyborg-cli-").FullName;

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "cyborg");

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs it to its end, with the configuration <c>cyborg.conf</c> of the folder.</summary>
    public Task<Result> RunAsync(params string[] arguments) => RunProgramAsync(Program, "", null, arguments);

    public async Task<Result> RunProgramAsync(string program, string input, string? path, params string[] arguments)
    {
        var config = Path.Combine(Folder, "cyborg.conf");
        if (!File.Exists(config))
            await File.WriteAllTextAsync(config, "[DEFAULT]\ndebug = false\n");
        var start = new ProcessStartInfo(program, [.. arguments, "--config-file", config])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        if (path is not null)
            start.Environment["PATH"] = path;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await TellAsync(process.StandardInput, input);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Result(process.ExitCode, await output, await error);
    }

    /// <summary>A copy of the program in a folder without the services' programs.</summary>
    public string Alone()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "alone")).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            // .NET takes the folder of what these really are for the program's own.
            if (name == "cyborg" || name.StartsWith("cyborg.", StringComparison.Ordinal))
                Do("cp", file, Path.Combine(folder, name));
            else if (Path.GetExtension(name) == ".dll")
                File.CreateSymbolicLink(Path.Combine(folder, name), file);
        }
        return Path.Combine(folder, "cyborg");
    }

    /// <summary>Writes a program.</summary>
    public static void Script(string path, string text) =>
        Do("sh", "-c", """printf '%s' "$2" >"$1" && chmod 700 "$1" """, "sh", path, $"#!/bin/sh\n{text}\n");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    // Programs are written by another process. While this one has a file open for writing, what it starts in other threads has it open, too, until it is another
    // program itself: a file that is run in that moment is "busy".
    private static void Do(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Whoever does not read its standard input may have ended before it was written to.</summary>
    private static async Task TellAsync(StreamWriter standardInput, string text)
    {
        try
        {
            await standardInput.WriteAsync(text);
            standardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    internal sealed record Result(int Code, string Output, string Error);
}
