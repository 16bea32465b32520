using Cyborg.TestServers;

namespace Cyborg.Crash.Tests;

/// <summary>A bus with the configuration that is shipped in <c>etc/nats</c>: each service has its own user, and no right that it does not need.</summary>
internal static class ShippedBus
{
    public const string Password = "not-to-be-changed";

    /// <summary>Starts it with one user for each host's agent.</summary>
    public static async Task<NatsServer> StartAsync(IReadOnlyList<string> hosts, CancellationToken stop)
    {
        var etc = Path.Combine(RunFolders.Root, "etc", "nats");
        var agent = Fill(await File.ReadAllTextAsync(Path.Combine(etc, "agents", "compute-1.conf.sample"), stop));
        var config = (await File.ReadAllTextAsync(Path.Combine(etc, "nats-server.conf"), stop))
            .Replace("include \"agents/compute-1.conf\"", string.Join('\n', hosts.Select(host => $"include \"agents/{host}.conf\"")), StringComparison.Ordinal)
            .Replace("$AGENT_COMPUTE_1", string.Join('\n', hosts.Select(host => $"${Variable(host)}")), StringComparison.Ordinal);
        return await NatsServer.RequireAsync(
            config,
            folder =>
            {
                File.WriteAllText(Path.Combine(folder, "secrets.conf"), Fill(File.ReadAllText(Path.Combine(etc, "secrets.conf.sample"))));
                var agents = Directory.CreateDirectory(Path.Combine(folder, "agents")).FullName;
                foreach (var host in hosts)
                {
                    File.WriteAllText(Path.Combine(agents, $"{host}.conf"), agent
                        .Replace("AGENT_COMPUTE_1", Variable(host), StringComparison.Ordinal)
                        .Replace("compute-1=2Eexample=2Eorg", host, StringComparison.Ordinal)
                        .Replace("agent-compute-1", User(host), StringComparison.Ordinal));
                }
            },
            stop);
    }

    /// <summary>The user of a host's agent.</summary>
    public static string User(string host) => $"agent-{host}";

    private static string Variable(string host) => $"AGENT_{host.ToUpperInvariant()}";

    private static string Fill(string sample) => sample.Replace("change me", Password, StringComparison.Ordinal);
}
