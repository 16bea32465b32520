using System.Text.Json;
using Cyborg.Agent.Journal;
using Cyborg.Hosting.Doctor;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Agent.Doctor;

/// <summary>Whether a conductor answers, and whether this host's name is this agent's: a second live holder of one name is refused. It asks which devices are
/// to be probed, as the next start of this agent would; that changes nothing.</summary>
internal static class HostNameCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static DoctorCheck Of(AgentOptions options, Func<CancellationToken, Task<IBusTransport>> openBus) => new("host name", async stop =>
    {
        try
        {
            var identity = Next(options.StateFolder);
            await using var bus = await openBus(stop).ConfigureAwait(false);
            await using var client = new BusClient(bus, new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
            return await AskAsync(client, options.Host, identity, stop).ConfigureAwait(false);
        }
        catch (BusConnectionException)
        {
            return DoctorFinding.Skipped("not asked: there is no way to the bus");
        }
        catch (UnauthorizedAccessException)
        {
            return DoctorFinding.Skipped("not asked: this user may not read the agent's files; ask again as the user of the agent");
        }
    });

    private static async Task<DoctorFinding> AskAsync(BusClient client, string host, AgentIdentity? identity, CancellationToken stop)
    {
        try
        {
            var speaker = identity ?? new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), 1);
            var probes = await client.CallAsync(Verbs.GetProbes, new GetProbes(speaker), new CallContext { TimeLeft = Patience }, host, stop).ConfigureAwait(false);
            return DoctorFinding.Ok(identity is null
                ? $"no agent holds {host}; none has run here yet"
                : $"{host} is free, or this agent's; the conductors know {probes.Devices.Count} installed devices of it");
        }
        catch (FaultException fault)
        {
            return fault.Code switch
            {
                FaultCode.Conflict => DoctorFinding.Failure(fault.Message, "Find the other agent by its id (its log has it at the start), stop it, or give one of both its own [DEFAULT] host."),
                FaultCode.NoResponder => DoctorFinding.Failure(
                    "no conductor listens on the bus", "Start cyborg-conductor; if it runs, ask its doctor: one that cannot reach its database does not listen."),
                _ => DoctorFinding.Failure($"a conductor does not serve: {fault.Message}", "Ask the doctor of the conductors (cyborg-conductor doctor), and look into their log."),
            };
        }
    }

    /// <summary>Who the next start of the agent would be; null if none has started here.</summary>
    private static AgentIdentity? Next(string folder)
    {
        try
        {
            return SealedText.Open(File.ReadAllBytes(Path.Combine(folder, AgentJournal.IdName))) is { } content
                && JsonSerializer.Deserialize(content, AgentJson.Default.AgentIdFile) is { } file && file.IsSound()
                ? new AgentIdentity(file.AgentId, Guid.NewGuid(), file.BootNumber + 1)
                : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}
