using System.Diagnostics;

namespace Cyborg.E2E.Tests;

/// <summary>What a program has said.</summary>
/// <param name="Command">Its command line.</param>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record Said(string Command, int Code, string Output, string Error)
{
    /// <summary>Fails the test, with what was said, if the program failed.</summary>
    public Said Worked()
    {
        if (Code != 0) Assert.Fail(ToString());
        return this;
    }

    /// <summary>All that it said.</summary>
    public string Text => $"{Output}\n{Error}";

    public override string ToString() => $"{Command} ended with {Code}\n{Text}";
}

/// <summary>Runs programs to their end.</summary>
internal static class Tool
{
    /// <summary>Runs one, with more variables of the environment; it is ended when it takes too long.</summary>
    public static async Task<Said> RunAsync(
        TimeSpan patience, IReadOnlyDictionary<string, string> environment, string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(stop);
        hurry.CancelAfter(patience);
        var command = $"{program} {string.Join(' ', start.ArgumentList)}";
        var (output, error) = (process.StandardOutput.ReadToEndAsync(hurry.Token), process.StandardError.ReadToEndAsync(hurry.Token));
        try
        {
            await process.WaitForExitAsync(hurry.Token);
            return new Said(command, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} took longer than {patience.TotalSeconds} s");
        }
    }
}
