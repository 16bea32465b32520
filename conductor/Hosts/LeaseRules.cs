using Cyborg.Messaging.Contracts;
using Cyborg.Storage;

namespace Cyborg.Conductor.Hosts;

/// <summary>Who may speak for a host. Pure; one rule for heartbeats and reports, applied under the lock of the host's row.</summary>
internal static class LeaseRules
{
    /// <summary>Null if <paramref name="speaker"/> may speak for the host, else why not. The agent that holds the name goes on; its later start takes
    /// over at once; anybody else, an earlier start and a copy of its journal on another machine included, only when the lease has run out.</summary>
    public static string? Refusal(HostLease lease, AgentIdentity speaker)
    {
        if (lease.AgentId is null || !lease.Live)
            return null;
        if (lease.AgentId != speaker.AgentId)
        {
            return $"Host name {lease.Name} is held by another live agent ({lease.AgentId}). Stop that agent or give this host another name; "
                + "if that agent is gone, this one is let in when the lease has run out.";
        }
        return speaker.BootNumber > lease.BootNumber || (speaker.BootNumber == lease.BootNumber && speaker.BootId == lease.BootId)
            ? null
            : $"Host name {lease.Name} is held by another start of the same agent (number {lease.BootNumber}, this one is {speaker.BootNumber}): "
                + "two agents run with one journal, or this one was to have stopped.";
    }

    /// <summary>The lease as it is once <paramref name="speaker"/> has been let in.</summary>
    public static HostLease Taken(HostLease lease, AgentIdentity speaker) =>
        lease with { AgentId = speaker.AgentId, BootId = speaker.BootId, BootNumber = speaker.BootNumber, Live = true };

    /// <summary>True if the agent is to report in full: its inventory is not the one that was carried out last, or its host was fenced since.</summary>
    public static bool ReportWanted(HostLease lease, Heartbeat beat) =>
        lease.Checksum is null || lease.Checksum != beat.Checksum || lease.Epoch != beat.SyncedEpoch || lease.Fenced;
}
