using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>Runs a verb of several services' programs, one after the other, and joins what they print: a page each under its program's name, or one JSON object
/// by program.</summary>
internal static class RoomPages
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs them.</summary>
    /// <param name="programs">Their paths.</param>
    /// <param name="args">The arguments of this program: theirs, too.</param>
    /// <param name="surroundings">Where the pages go.</param>
    /// <param name="stop">Ends them.</param>
    /// <returns>The worst exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> programs, IReadOnlyList<string> args, Surroundings surroundings, CancellationToken stop)
    {
        var asJson = WantsJson(args);
        var joined = new JsonObject();
        var worst = 0;
        foreach (var program in programs)
        {
            var name = Path.GetFileName(program);
            var (code, page) = await RunAsync(program, args, stop).ConfigureAwait(false);
            worst = Math.Max(worst, code);
            if (asJson)
                joined[name] = Parse(page);
            else
                await surroundings.Output.WriteAsync($"{(program == programs[0] ? "" : "\n")}== {name} ==\n{page}").ConfigureAwait(false);
        }
        if (asJson)
            await surroundings.Output.WriteLineAsync(joined.ToJsonString(Json)).ConfigureAwait(false);
        return worst;
    }

    /// <summary>Whether <c>-f json</c> is among the arguments, in any of its spellings.</summary>
    public static bool WantsJson(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--format=json" or "-f=json" or "-fjson" or "--format:json" or "-f:json")
                return true;
            if (args[i] is "--format" or "-f" && i + 1 < args.Count && args[i + 1] == "json")
                return true;
        }
        return false;
    }

    private static async Task<(int Code, string Page)> RunAsync(string program, IReadOnlyList<string> args, CancellationToken stop)
    {
        // Faults go to our own standard error, as they come.
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true })
            ?? throw CliFault.Failed($"{program} cannot be started");
        try
        {
            var page = await process.StandardOutput.ReadToEndAsync(stop).ConfigureAwait(false);
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
            return (process.ExitCode, page);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static JsonNode Parse(string page)
    {
        try
        {
            return JsonNode.Parse(page) ?? "";
        }
        catch (JsonException)
        {
            return page;
        }
    }
}
