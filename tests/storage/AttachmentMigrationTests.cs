using Cyborg.Model;
using Cyborg.Storage.Migrations;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

/// <summary>The migration that lets ARQs be without a device profile makes their table anew on SQLite: nothing may get lost.</summary>
public class AttachmentMigrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Requests_of_an_older_version_stay_as_they_are_and_their_keys_are_never_given_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateEmptyAsync(kind, cancellation: Cancellation);
        Migrator.Apply(test.Database.Backend, Accelerators.Version);
        Guid[] uuids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        var before = await test.Database.TransactAsync(
            async session =>
            {
                var profile = await session.InsertIdAsync(Samples.Profile("p"), Cancellation);
                foreach (var uuid in uuids)
                    await session.ExecuteAsync(Insert(uuid, profile, kind), Cancellation);
                // The last key was given once.
                await session.ExecuteAsync($"DELETE FROM extended_accelerator_requests WHERE uuid = '{uuids[2]}'", Cancellation);
                return profile;
            },
            Cancellation);

        await test.Database.MigrateAsync(Cancellation);

        var rows = await test.Database.ReadAsync(session => session.Arqs.OrderBy(row => row.Id).ToListAsync(Cancellation), Cancellation);
        Assert.Equal(
            [(1, uuids[0], (int?)before), (2, uuids[1], before)],
            rows.Select(row => (row.Id, row.Uuid, row.DeviceProfileId)));
        Assert.All(rows, row => Assert.Equal(
            ("p1", ArqState.Bound, 3, "h", 7L, "why"), (row.ProjectId, row.State, row.DeviceProfileGroupId, row.Hostname, row.Generation, row.Failure)));
        var added = await test.Database.TransactAsync(
            session => session.InsertIdAsync(new ArqRow { Uuid = Guid.NewGuid(), State = ArqState.Initial }, Cancellation), Cancellation);
        Assert.Equal(4, added);
        // The profile is held as before.
        Assert.True(Violations.IsForeignKeyViolation(await Assert.ThrowsAnyAsync<Exception>(() => test.Database.TransactAsync(
            session => session.DeviceProfiles.DeleteAsync(row => row.Id == before, Cancellation), Cancellation))));
    }

    private static string Insert(Guid uuid, int profile, DatabaseKind kind) => $"""
        INSERT INTO extended_accelerator_requests (uuid, project_id, state, device_profile_id, device_profile_group_id, hostname, generation, failure, created_at)
        VALUES ('{uuid}', 'p1', 'Bound', {profile}, 3, 'h', 7, 'why', {(kind == DatabaseKind.Postgres ? "now()" : "'2026-01-01 00:00:00.000000'")})
        """;
}
