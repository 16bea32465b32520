using Cyborg.Conductor.Cache;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Data;

namespace Cyborg.Conductor.Tests;

public sealed class CacheTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_unchanged_list_costs_one_statement_and_a_changed_one_is_loaded_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var cache = new ReadCache(test.Database);
        using var count = StatementCount.Start(test.Database);
        await cache.InventoryAsync(Stop);
        Assert.Equal(4, count.Statements);
        count.Reset();
        var first = await cache.InventoryAsync(Stop);
        Assert.Same(first, await cache.InventoryAsync(Stop));
        Assert.Equal(2, count.Statements);

        await cache.ProfilesAsync(Stop);
        await InsertAsync(test.Database, "p");
        Assert.Same(first, await cache.InventoryAsync(Stop));
        count.Reset();
        Assert.Equal(["p"], Names((await cache.ProfilesAsync(Stop)).Value));
        Assert.Equal(2, count.Statements);
    }

    [Theory, EachDatabase]
    public async Task Another_conductors_write_is_seen_by_the_next_read(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await using var other = test.OpenAgain();
        var cache = new ReadCache(test.Database);
        for (var n = 0; n < 5; n++)
        {
            Assert.Equal(n, (await cache.ProfilesAsync(Stop)).Value.Profiles.Count);
            await InsertAsync(other, $"p{n}");
        }
    }

    [Theory, EachDatabase]
    public async Task A_write_that_is_rolled_back_disturbs_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var cache = new ReadCache(test.Database);
        await InsertAsync(test.Database, "p");
        var before = await cache.ProfilesAsync(Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.TransactAsync(
            async session =>
            {
                await ProfileStore.InsertAsync(session, Profile("q", session));
                throw new InvalidOperationException();
            },
            Stop));
        Assert.Same(before, await cache.ProfilesAsync(Stop));
    }

    [Fact]
    public async Task Two_writers_that_commit_in_the_opposite_order_to_their_start_leave_no_stale_cache()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Stop);
        var cache = new ReadCache(test.Database);
        await cache.ProfilesAsync(Stop);
        var (written, mayCommit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = test.Database.TransactAsync(
            async session =>
            {
                await ProfileStore.InsertAsync(session, Profile("first", session));
                written.SetResult();
                await mayCommit.Task;
            },
            Stop);
        await written.Task;
        await InsertAsync(test.Database, "second");
        Assert.Equal(["second"], Names((await cache.ProfilesAsync(Stop)).Value));
        mayCommit.SetResult();
        await first;
        Assert.Equal(["first", "second"], Names((await cache.ProfilesAsync(Stop)).Value).Order());
    }

    [Fact]
    public async Task A_writer_that_has_its_number_keeps_the_next_waiting_until_it_has_committed()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Stop);
        var cache = new ReadCache(test.Database);
        Task second = Task.CompletedTask;
        await test.Database.TransactAsync(
            async session =>
            {
                await ProfileStore.InsertAsync(session, Profile("first", session));
                await session.Revisions.Where(row => row.Kind == RevisionRow.Profiles).Set(row => row.N, row => row.N + 1).UpdateAsync(Stop);
                second = InsertAsync(test.Database, "second");
                await WaitForLockAsync(test.Database);
                Assert.Empty((await cache.ProfilesAsync(Stop)).Value.Profiles);
                Assert.False(second.IsCompleted);
            },
            Stop);
        Assert.Contains("first", Names((await cache.ProfilesAsync(Stop)).Value));
        await second;
        Assert.Equal(["first", "second"], Names((await cache.ProfilesAsync(Stop)).Value).Order());
    }

    [Theory, EachDatabase]
    public async Task No_reader_misses_what_was_written_before_it_came(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var cache = new ReadCache(test.Database);
        await cache.ProfilesAsync(Stop);
        var written = 0;
        var readers = Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () =>
            {
                for (var n = 0; n < 50; n++)
                {
                    var least = Volatile.Read(ref written);
                    Assert.True((await cache.ProfilesAsync(Stop)).Value.Profiles.Count >= least);
                }
            },
            Stop)).ToList();
        for (var n = 0; n < 20; n++)
        {
            await InsertAsync(test.Database, $"p{n}");
            Volatile.Write(ref written, n + 1);
        }
        await Task.WhenAll(readers);
        Assert.Equal(20, (await cache.ProfilesAsync(Stop)).Value.Profiles.Count);
    }

    [Fact]
    public async Task Readers_that_wait_together_share_a_check()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Stop);
        await using var other = test.OpenAgain();
        var cache = new ReadCache(test.Database);
        var kept = await cache.ProfilesAsync(Stop);
        using var count = StatementCount.Start(test.Database);
        List<Task<Versioned<ProfileSnapshot>>> readers = [];
        await other.TransactAsync(
            async session =>
            {
                // The first check cannot end before all have come.
                await session.ExecuteAsync("LOCK TABLE revisions IN ACCESS EXCLUSIVE MODE", Stop);
                readers = [.. Enumerable.Range(0, 16).Select(_ => cache.ProfilesAsync(Stop))];
            },
            Stop);
        Assert.All(await Task.WhenAll(readers), read => Assert.Same(kept, read));
        // One check of the first, and one of all the others.
        Assert.Equal(2, count.Statements);
    }

    [Theory, EachDatabase]
    public async Task Every_change_shows_in_the_next_list(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        async Task<Device> DeviceAsync() => Assert.Single((await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices);
        async Task<Deployable> DeployableAsync() => Assert.Single((await conductor.CallAsync(Verbs.ListDeployables, new ListDeployables(null, null))).Deployables);

        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        Assert.Equal(DeviceState.Installing, (await DeviceAsync()).State);
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        Assert.Equal(DeviceState.Ready, (await DeviceAsync()).State);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        Assert.Equal(DeviceState.Inactive, (await DeviceAsync()).State);
        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Equal(DeviceState.Installing, (await DeviceAsync()).State);
        await conductor.ReportAsync(TestConductor.Card("card", 1) with { Model = "newer" });
        Assert.Equal("newer", (await DeviceAsync()).Model);

        var note = await conductor.CallAsync(Verbs.CreateAttribute, new CreateAttribute((await DeployableAsync()).Id, null, "rack", "7"));
        Assert.Contains(note, (await DeployableAsync()).Attributes);
        await conductor.CallAsync(Verbs.DeleteAttribute, new ById(note.Uuid));
        Assert.DoesNotContain(note, (await DeployableAsync()).Attributes);

        var profile = await conductor.CallAsync(Verbs.CreateProfile, new CreateProfile(null, "p", null, [new Dictionary<string, string?> { ["resources:FPGA"] = "1" }]));
        Assert.Equal("p", Assert.Single((await conductor.CallAsync(Verbs.ListProfiles, new ListProfiles(null))).Profiles).Name);
        Assert.Equal(profile.Uuid, (await conductor.CallAsync(Verbs.ShowProfile, new ShowProfile(null, "p"))).Uuid);
        await conductor.CallAsync(Verbs.DeleteProfiles, new DeleteProfiles([new ShowProfile(profile.Uuid, null)]));
        Assert.Equal(FaultCode.DeviceProfileNotFound, await conductor.FaultAsync(Verbs.ShowProfile, new ShowProfile(profile.Uuid, null)));

        await conductor.ReportAsync();
        Assert.Empty((await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices);
    }

    [Fact]
    public void Columns_sort_as_in_PostgreSQL()
    {
        string?[] sorted = ["", "A", "B", "a", "aa", "é", "\uFFFD", "\U0001F600", null];
        Assert.Equal(sorted, sorted.Reverse().Order<object?>(ColumnOrder.Instance));
        var order = new ListOrder<(int Id, string? Name)>(new Dictionary<string, Func<(int Id, string? Name), object?>> { ["name"] = row => row.Name }, _ => default);
        (int, string?)[] rows = [(1, "b"), (2, null), (3, "a"), (4, "b")];
        Assert.Equal([(3, "a"), (1, "b"), (4, "b"), (2, null)], order.Apply(rows, new(null, "name", false), false));
        Assert.Equal([(2, null), (1, "b"), (4, "b")], order.Apply(rows, new(3, "name", true), false));
        Assert.Equal([(4, "b"), (3, "a"), (2, null), (1, "b")], order.Apply(rows, null, true));
        Assert.Equal(rows, order.Apply(rows, null, false));
    }

    private static Task InsertAsync(CyborgDatabase database, string name) =>
        database.TransactAsync(session => ProfileStore.InsertAsync(session, Profile(name, session)), Stop);

    private static DeviceProfile Profile(string name, Session session) => new()
    {
        Uuid = Guid.NewGuid(),
        Name = name,
        Groups = [new Dictionary<string, string?> { ["resources:FPGA"] = "1" }],
        CreatedAt = session.Now,
    };

    private static IEnumerable<string> Names(ProfileSnapshot snapshot) => snapshot.Profiles.Select(profile => profile.Name);

    /// <summary>Waits until another connection waits for a lock.</summary>
    private static async Task WaitForLockAsync(CyborgDatabase database)
    {
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (DateTime.UtcNow < limit)
        {
            if (await database.ReadAsync(session => session.ExecuteAsync<bool>(
                    "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"), Stop))
                return;
        }
        Assert.Fail("nobody waits for the lock");
    }
}
