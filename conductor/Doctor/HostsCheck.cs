using System.Data.Common;
using Cyborg.Hosting.Doctor;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Doctor;

/// <summary>Whether each host has one agent, and is heard. Two agents of one name are refused by the conductors, so the table cannot show them (the doctor of
/// the second agent does); it shows what leads there: a copied agent, and one machine under two names.</summary>
internal static class HostsCheck
{
    private const int Shown = 5;

    public static DoctorCheck Of(string connection, TimeSpan leaseTimeout, TimeProvider time) => new("hosts", async stop =>
    {
        await using var database = DatabaseCheck.Open(connection, time);
        try
        {
            return Judge(await database.ReadAsync(session => HostSummary.ListAsync(session, leaseTimeout, stop), stop));
        }
        catch (Exception error) when (error is FaultException or DbException)
        {
            return DoctorFinding.Skipped("not asked: the database cannot be read, or has no schema yet");
        }
    });

    /// <summary>Judges the hosts; pure.</summary>
    internal static DoctorFinding Judge(IReadOnlyList<HostSummary> hosts)
    {
        var live = hosts.Where(host => host.Live).ToList();
        if (Twice(live, host => host.AgentId?.ToString()) is { } copied)
        {
            return DoctorFinding.Failure(
                $"one agent speaks for several hosts: {copied}",
                "A machine was copied with its [DEFAULT] state_path: stop the agent of the copy, remove agent-id and journal.json there, and start it.");
        }
        if (Twice(live, host => host.Name.Split('.')[0].ToUpperInvariant()) is { } alike)
        {
            return DoctorFinding.Warning(
                $"hosts whose names differ in their case or domain only: {alike}",
                "If they are one machine, two agents run there: leave one, and give it the [DEFAULT] host that Nova knows the machine by.");
        }
        var silent = hosts.Where(host => host.Fenced || !host.Live).Select(host => host.Name).ToList();
        return silent.Count > 0
            ? DoctorFinding.Warning(
                $"{live.Count} of {hosts.Count} hosts are heard; not {Names(silent)}: nothing new is placed there",
                "Look at cyborg-agent on them (cyborg-agent doctor).")
            : DoctorFinding.Ok(hosts.Count == 0 ? "no host has reported yet" : $"{hosts.Count} hosts, all are heard");
    }

    private static string? Twice(IEnumerable<HostSummary> hosts, Func<HostSummary, string?> key) => hosts
        .Where(host => key(host) is not null)
        .GroupBy(key)
        .Where(group => group.Count() > 1)
        .Select(group => Names([.. group.Select(host => host.Name)]))
        .FirstOrDefault();

    private static string Names(List<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
