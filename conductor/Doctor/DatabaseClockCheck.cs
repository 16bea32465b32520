using System.Data.Common;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Doctor;

/// <summary>How far this machine's clock is from the database's, in which all leases are compared.</summary>
internal static class DatabaseClockCheck
{
    public static DoctorCheck Of(string connection, TimeProvider time) => new("clock (database)", async stop =>
    {
        await using var database = DatabaseCheck.Open(connection, time);
        try
        {
            var (read, before, after) = await database.ReadAsync(
                async session =>
                {
                    var began = time.GetUtcNow();
                    var look = await HostStore.LookAsync(session, TimeSpan.FromDays(1), stop);
                    return (look.Clock, began, time.GetUtcNow());
                },
                stop);
            return KeystoneChecks.Skew(KeystoneChecks.Difference(read, before, after), "the database's");
        }
        catch (Exception error) when (error is FaultException or DbException)
        {
            return DoctorFinding.Skipped("not asked: the database cannot be read, or has no schema yet");
        }
    });
}
