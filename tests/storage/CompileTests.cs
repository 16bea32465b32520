using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Metrics;

namespace Cyborg.Storage.Tests;

/// <summary>linq2db compiles a query at its first run and keeps the outcome, unless something in the query looks new each time: then a statement costs some
/// tens of milliseconds of processor time at each call. What a walk of requests runs is compiled once.</summary>
public class CompileTests
{
    private static readonly AsyncLocal<Count?> s_count = new();

    static CompileTests() => ActivityService.AddFactory(id =>
    {
        if (id == ActivityID.GetQueryCreate && s_count.Value is { } count)
            Interlocked.Increment(ref count.Compiled);
        return null;
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task What_a_walk_runs_is_compiled_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var (provider, profile) = await test.Database.TransactAsync(SeedAsync, Cancellation);
        s_count.Value = new Count();
        await RoundAsync(test.Database, provider, profile, 2);
        await RoundAsync(test.Database, provider, profile, 3);
        Assert.True(s_count.Value.Compiled > 10, "compilations are not seen");

        s_count.Value = new Count();
        await RoundAsync(test.Database, provider, profile, 2);
        await RoundAsync(test.Database, provider, profile, 3);
        Assert.Equal(0, s_count.Value.Compiled);
    }

    private static async Task<(Guid Provider, int Profile)> SeedAsync(Session session)
    {
        var (deployable, _) = await Samples.InsertTreeAsync(session, 4);
        var provider = Guid.NewGuid();
        await session.Deployables.Where(row => row.Id == deployable.Id).Set(row => row.RpUuid, provider).UpdateAsync(Cancellation);
        return (provider, await session.InsertIdAsync(Samples.Profile("gpu"), Cancellation));
    }

    /// <summary>Makes ARQs, binds them in the two ways, tells Nova, asks for their server, unbinds them, and deletes them.</summary>
    private static async Task RoundAsync(CyborgDatabase database, Guid provider, int profile, int count)
    {
        var (instance, token, scope) = (Guid.NewGuid(), Guid.NewGuid(), new ProjectScope(false, "p1"));
        List<AcceleratorRequest> arqs =
        [
            .. Enumerable.Range(0, count).Select(_ => new AcceleratorRequest
            {
                Uuid = Guid.NewGuid(), State = ArqState.Initial, DeviceProfileName = "gpu", DeviceProfileGroupId = 0, ProjectId = "p1", CreatedAt = DateTimeOffset.UtcNow,
            }),
        ];
        List<Guid> uuids = [.. arqs.Select(arq => arq.Uuid)];
        await database.TransactAsync(session => ArqStore.InsertAsync(session, arqs, profile), Cancellation);
        await AnswerAsync(database, scope, instance, uuids[0]);
        foreach (var alone in new[] { false, true })
        {
            await database.TransactAsync(
                async session =>
                {
                    await session.LockInstancesAsync([instance]);
                    await ArqStore.LockAsync(session, scope, uuids);
                    await ArqStore.FindInstanceWithOthersAsync(session, [instance], uuids);
                    var deployable = (await DeployableStore.LockProvidersAsync(session, [provider], alone))[provider];
                    var free = await AttachHandleStore.LockFreeAsync(session, deployable.Id, count);
                    Assert.Equal(count, await AttachHandleStore.HoldAsync(session, free.Zip(uuids, (handle, arq) => new HandleTaking(handle.Id, arq, null, false))));
                    var starts = uuids.ConvertAll(arq => new ArqStart(new ArqBinding(arq, "host", provider, instance, alone ? "p1" : null), HostWork: alone));
                    Assert.Equal(count, await ArqStore.BindAsync(session, starts, "p1", 0));
                    await NovaEventStore.InsertAsync(session, uuids.Select(arq => (instance, arq, 1L)), NovaEventStore.Completed);
                    return 0;
                },
                Cancellation);
            await AskAsync(database, token);
            await database.TransactAsync(
                async session =>
                {
                    await ArqStore.LockAsync(session, scope, uuids);
                    await AttachHandleStore.ReleaseAsync(session, uuids);
                    return await ArqStore.UnbindAsync(session, uuids);
                },
                Cancellation);
        }
        await database.TransactAsync(
            async session =>
            {
                await NovaEventStore.ForgetAsync(session, uuids);
                await ArqStore.LockInstanceAsync(session, scope, instance);
                Assert.Equal(count, await ArqStore.DeleteAsync(session, uuids));
                return 0;
            },
            Cancellation);
    }

    /// <summary>What every call runs beside its own statements, and what shows requests.</summary>
    private static async Task AnswerAsync(CyborgDatabase database, ProjectScope scope, Guid instance, Guid arq)
    {
        var call = Guid.NewGuid();
        await database.TransactAsync(session => RpcReplyStore.TryClaimAsync(session, call, "verb"), Cancellation);
        await database.TransactAsync(
            session =>
            {
                session.MarkChanged(RevisionRow.Devices);
                return RpcReplyStore.SaveAsync(session, call, [1]);
            },
            Cancellation);
        await database.ReadAsync(session => RevisionStore.ReadAsync(session, RevisionRow.Devices), Cancellation);
        await database.ReadAsync(session => ArqStore.ListAsync(session, scope, instance), Cancellation);
        await database.ReadAsync(session => ArqStore.ListAsync(session, scope, null), Cancellation);
        await database.ReadAsync(session => ArqStore.FindAsync(session, scope, arq), Cancellation);
    }

    private static async Task AskAsync(CyborgDatabase database, Guid token)
    {
        var events = await database.TransactAsync(session => NovaEventStore.ClaimAsync(session, token, 10, 60), Cancellation);
        await database.TransactAsync(session => NovaEventStore.DeleteAsync(session, [.. events.Select(row => row.Id)], token), Cancellation);
        Assert.True(await database.ReadAsync(ServerCheckStore.AnyDueAsync, Cancellation));
        var check = Assert.Single(await database.TransactAsync(session => ServerCheckStore.ClaimAsync(session, token, 10, 60), Cancellation));
        await database.TransactAsync(session => ServerCheckStore.LockClaimedAsync(session, check, token), Cancellation);
        await database.TransactAsync(session => ServerCheckStore.PostponeAsync(session, check, token, 60, looked: true, suspect: false), Cancellation);
    }

    private sealed class Count
    {
        public int Compiled;
    }
}
