using System.Text.Json.Nodes;
using Cyborg.TestServers;

namespace Cyborg.E2E.Tests;

/// <summary>The command line client as Debian ships it, with its plugins for accelerators and for Placement. A call takes seconds, most of them Python's
/// start, so that two run at a time and no more.</summary>
internal static class OpenStackClient
{
    private const string Program = "/usr/bin/openstack";
    private static readonly SemaphoreSlim s_turns = new(2, 2);

    /// <summary>Runs a command as a user; skips or fails the test where the client is missing.</summary>
    public static async Task<Said> RunAsync(User user, CancellationToken stop, params IEnumerable<string> arguments)
    {
        if (!File.Exists(Program)) Servers.Missing("the openstack command", "python3-openstackclient python3-cyborgclient python3-osc-placement");
        await s_turns.WaitAsync(stop);
        try
        {
            return await Tool.RunAsync(TimeSpan.FromMinutes(5), user.Environment, Program, arguments, stop);
        }
        finally
        {
            s_turns.Release();
        }
    }

    /// <summary>Runs a command that shows something.</summary>
    public static async Task<JsonNode> ShowAsync(User user, CancellationToken stop, params IEnumerable<string> arguments)
    {
        var said = (await RunAsync(user, stop, [.. arguments, "-f", "json"])).Worked();
        return JsonNode.Parse(said.Output) ?? throw new InvalidOperationException($"{said}");
    }

    /// <summary>The columns of an object or of the first row of a list, in order, with blanks between.</summary>
    public static string Columns(JsonNode shown) =>
        string.Join(' ', (shown is JsonArray rows ? rows.Count > 0 ? rows[0]! : throw new InvalidOperationException("no rows") : shown)
            .AsObject().Select(field => field.Key));
}
