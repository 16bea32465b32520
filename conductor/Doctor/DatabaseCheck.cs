using System.Data.Common;
using Cyborg.Hosting.Doctor;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Doctor;

/// <summary>Whether the database can be reached and has the schema that this program works on.</summary>
internal static class DatabaseCheck
{
    public static DoctorCheck Of(string connection, TimeProvider time) => new("database", async stop =>
    {
        await using var database = Open(connection, time);
        try
        {
            return Judge(database, await database.VersionAsync(stop));
        }
        catch (Exception error) when (error is FaultException or DbException)
        {
            return DoctorFinding.Failure($"{database.Description}: {error.Message}", Reach(database));
        }
    })
    {
        WhenSilent = "Look whether the database of [database] connection runs, takes connections from this host, and knows the user (psql).",
    };

    internal static CyborgDatabase Open(string connection, TimeProvider time) => CyborgDatabase.Open(connection, NullLoggerFactory.Instance, time);

    private static DoctorFinding Judge(CyborgDatabase database, long? version)
    {
        var (found, needed) = (version ?? 0, CyborgDatabase.SchemaVersion);
        if (found == needed)
            return DoctorFinding.Ok($"{database.Description} is at schema version {found}");
        var text = $"{database.Description} is at schema version {found}, this program works on {needed}";
        if (found > needed)
            return DoctorFinding.Failure(text, "Install the newer program: an older one does not touch a newer database.");
        return database.IsPostgres
            ? DoctorFinding.Failure(text, "Run cyborg-dbsync upgrade.")
            : DoctorFinding.Ok($"{text}; a conductor brings an embedded database up to date at its start");
    }

    private static string Reach(CyborgDatabase database) => database.IsPostgres
        ? "Look whether PostgreSQL runs there, takes connections from this host, and knows the user and password of [database] connection (psql)."
        : "Look whether this user may read and write the file and its folder.";
}
