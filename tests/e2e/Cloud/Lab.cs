using System.Globalization;
using System.Text.RegularExpressions;

namespace Cyborg.E2E.Tests;

/// <summary>A program that keeps real OpenStack services on the loopback, named by <c>CYBORG_LAB</c>. It knows <c>up GROUP...</c>, <c>down</c>,
/// <c>status</c> (lines of service, state, pid), <c>env USER</c> (export lines) and <c>logs SERVICE -n LINES</c>; <c>LAB_TOKEN_PROVIDER</c> chooses
/// Keystone's tokens, fernet or jws. All its users have one password.</summary>
internal sealed partial class Lab
{
    /// <summary>Variable that names the program.</summary>
    public const string Variable = "CYBORG_LAB";

    /// <summary>Everything that it keeps.</summary>
    private static readonly string[] s_groups = ["keystone", "placement", "nova"];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    private readonly string _program;
    private readonly Dictionary<string, string> _choice;

    private Lab(string program, string tokens) => (_program, _choice) = (program, new() { ["LAB_TOKEN_PROVIDER"] = tokens });

    /// <summary>The one that the environment names; null if it names none.</summary>
    /// <param name="tokens">Its kind of tokens.</param>
    public static Lab? Find(string tokens) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } program ? new Lab(Path.GetFullPath(program), tokens) : null;

    /// <summary>Starts what does not run.</summary>
    public async Task UpAsync(CancellationToken stop) =>
        (await Tool.RunAsync(s_patience, _choice, _program, ["up", .. s_groups], stop)).Worked();

    /// <summary>Variables by which a user logs in.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(string user, CancellationToken stop)
    {
        var said = (await Tool.RunAsync(s_patience, _choice, _program, ["env", user], stop)).Worked();
        return Export().Matches(said.Output).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
    }

    /// <summary>Ends one service as an administrator would: SIGTERM, and SIGKILL for what does not hear it.</summary>
    public async Task StopAsync(string service, CancellationToken stop)
    {
        var pid = await PidAsync(service, stop) ?? throw new InvalidOperationException($"{service} does not run");
        await SignalAsync("-TERM", pid, stop);
        var patience = TimeProvider.System.GetTimestamp();
        while (IsAlive(pid))
        {
            if (TimeProvider.System.GetElapsedTime(patience) > TimeSpan.FromMinutes(1)) await SignalAsync("-KILL", -pid, stop);
            await Task.Delay(100, stop);
        }
    }

    /// <summary>The end of a service's log.</summary>
    public async Task<string> LogAsync(string service, int lines, CancellationToken stop) =>
        (await Tool.RunAsync(s_patience, _choice, _program, ["logs", service, "-n", lines.ToString(CultureInfo.InvariantCulture)], stop)).Output;

    private async Task<int?> PidAsync(string service, CancellationToken stop)
    {
        var said = (await Tool.RunAsync(s_patience, _choice, _program, ["status"], stop)).Worked();
        var line = said.Output.Split('\n').Select(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words is [var name, "up", ..] && name == service);
        return line is null ? null : int.Parse(line[2], CultureInfo.InvariantCulture);
    }

    private static async Task SignalAsync(string signal, int pid, CancellationToken stop) =>
        await Tool.RunAsync(TimeSpan.FromMinutes(1), new Dictionary<string, string>(), "kill", [signal, "--", pid.ToString(CultureInfo.InvariantCulture)], stop);

    private static bool IsAlive(int pid)
    {
        try
        {
            // "pid (name) state ...": Z is dead and not reaped yet.
            var status = File.ReadAllText($"/proc/{pid}/stat");
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    [GeneratedRegex("^export ([A-Z_0-9]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Export();
}
