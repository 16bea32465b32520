using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

/// <summary>What Placement is to show, as statements: its number, its rows, what goes and what is owed.</summary>
public class ProviderStoreTests
{
    private const string Host = "host-1";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_change_raises_the_number_of_its_host_once_and_just_before_the_revisions(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        Assert.Equal(0, await VersionAsync(test));
        using var count = StatementCount.Start(test.Database);
        await test.Database.TransactAsync(
            async session =>
            {
                session.MarkChanged(RevisionRow.Devices);
                session.ProvidersChanged(Host);
                session.ProvidersChanged(Host);
                session.ProvidersChanged("another");
                Assert.True(session.HaveProvidersChanged(Host));
                await session.Hosts.CountAsync(Cancellation);
            },
            Cancellation);

        Assert.True(count.Statements == 4, string.Join('\n', count.Texts));
        Assert.Contains("provider_revisions", count.Texts[1], StringComparison.Ordinal);
        Assert.Contains("provider_revisions", count.Texts[2], StringComparison.Ordinal);
        Assert.Contains("revisions", count.Texts[3], StringComparison.Ordinal);
        Assert.Equal(1, await VersionAsync(test));
        await test.Database.TransactAsync(Change, Cancellation);
        Assert.Equal(2, await VersionAsync(test));
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.TransactAsync(
            session =>
            {
                session.ProvidersChanged(Host);
                throw new InvalidOperationException();
            },
            Cancellation));
        Assert.Equal(2, await VersionAsync(test));
    }

    [Theory, EachDatabase]
    public async Task Changes_at_once_are_all_counted(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => test.Database.TransactAsync(Change, Cancellation), Cancellation)));
        Assert.Equal(20, await VersionAsync(test));
    }

    [Theory, EachDatabase]
    public async Task A_lease_tells_the_number_in_the_statement_that_locks_it(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        await test.Database.TransactAsync(Change, Cancellation);
        using var count = StatementCount.Start(test.Database);
        var (one, many) = await test.Database.TransactAsync(
            async session => (await HostStore.LockAsync(session, Host, Lease), await HostStore.LockFreeAsync(session, [Host], Lease)), Cancellation);
        Assert.Equal(2, count.Statements);
        Assert.Equal((1, 1), (one.Providers, Assert.Single(many).Providers));
    }

    [Theory, EachDatabase]
    public async Task A_host_is_loaded_with_what_is_withheld_missing_and_written_by_operators(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        await test.Database.TransactAsync(
            async session =>
            {
                var handles = await session.AttachHandles.OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(Cancellation);
                foreach (var (id, state) in handles.Zip([AttachHandleState.Held, AttachHandleState.Releasing, AttachHandleState.Error]))
                {
                    await session.AttachHandles.Where(row => row.Id == id)
                        .Set(row => row.State, state).Set(row => row.ArqUuid, Guid.NewGuid()).UpdateAsync(Cancellation);
                }
                var deployable = await session.Deployables.FirstAsync(Cancellation);
                await session.InsertIdAsync(new AttributeRow { Uuid = Guid.NewGuid(), DeployableId = deployable.Id, Key = "rc", Value = "FPGA" }, Cancellation);
                await session.InsertIdAsync(
                    new AttributeRow { Uuid = Guid.NewGuid(), DeployableId = deployable.Id, Key = "trait9", Value = "CUSTOM_MINE", MadeByOperator = true }, Cancellation);
                var elsewhere = Samples.Device("host-2");
                await session.InsertIdAsync(elsewhere, Cancellation);
                await session.InsertIdAsync(new DeployableRow { Uuid = Guid.NewGuid(), Name = "other", DeviceId = elsewhere.Id, NumAccelerators = 1 }, Cancellation);
            },
            Cancellation);
        using var count = StatementCount.Start(test.Database);

        var row = Assert.Single(await test.Database.ReadSnapshotAsync(session => ProviderStore.LoadAsync(session, Host), Cancellation));

        Assert.Equal(3, count.Statements);
        Assert.Equal(("host-1_fake", DeviceState.Ready, false, 2), (row.Deployable.Name, row.State, row.Missing, row.Withheld));
        Assert.Equal([new("rc", "FPGA"), new("trait9", "CUSTOM_MINE")], row.Attributes);
        await test.Database.TransactAsync(session => session.Devices.Set(device => device.Missing, true).UpdateAsync(Cancellation), Cancellation);
        Assert.True((await test.Database.ReadAsync(session => ProviderStore.LoadAsync(session, Host), Cancellation))[0].Missing);
    }

    [Theory, EachDatabase]
    public async Task Rows_of_what_is_missing_go_unless_something_holds_them(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        var uuid = await test.Database.ReadAsync(session => session.Deployables.Select(row => row.Uuid).FirstAsync(Cancellation), Cancellation);
        Assert.Equal(0, await RemoveAsync(Host));
        await test.Database.TransactAsync(
            async session =>
            {
                await session.Deployables.Set(row => row.Missing, true).UpdateAsync(Cancellation);
                await session.AttachHandles.Where(row => row.Id == session.AttachHandles.Min(handle => handle.Id))
                    .Set(row => row.State, AttachHandleState.Held).Set(row => row.ArqUuid, Guid.NewGuid()).UpdateAsync(Cancellation);
            },
            Cancellation);

        // Another host has no say, and an ARQ holds a handle.
        Assert.Equal(0, await RemoveAsync("host-2"));
        Assert.Equal(0, await RemoveAsync(Host));
        Assert.Equal((1, 1, 1), await CountAsync());

        // The device is there all the same: the deployable alone was missing.
        await test.Database.TransactAsync(
            session => session.AttachHandles.Set(row => row.State, AttachHandleState.Free).Set(row => row.ArqUuid, (Guid?)null).UpdateAsync(Cancellation), Cancellation);
        Assert.Equal(1, await RemoveAsync(Host));
        Assert.Equal((1, 0, 0), await CountAsync());
        Assert.Equal(1, await VersionAsync(test));

        Task<int> RemoveAsync(string host) => test.Database.TransactAsync(session => ProviderStore.RemoveMissingAsync(session, host, [uuid]), Cancellation);

        Task<(int, int, int)> CountAsync() => test.Database.ReadAsync(
            async session => (await session.Devices.CountAsync(Cancellation), await session.Deployables.CountAsync(Cancellation),
                await session.AttachHandles.CountAsync(Cancellation)), Cancellation);
    }

    [Theory, EachDatabase]
    public async Task A_missing_device_goes_with_its_last_deployable(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        var gone = await test.Database.TransactAsync(
            async session =>
            {
                await session.Devices.Set(row => row.Missing, true).UpdateAsync(Cancellation);
                return await ProviderStore.RemoveMissingAsync(session, Host, [await session.Deployables.Select(row => row.Uuid).FirstAsync(Cancellation)]);
            },
            Cancellation);
        Assert.Equal(1, gone);
        Assert.Equal((0, 0), await test.Database.ReadAsync(
            async session => (await session.Devices.CountAsync(Cancellation), await session.ControlPaths.CountAsync(Cancellation)), Cancellation));
    }

    [Theory, EachDatabase]
    public async Task A_provider_is_adopted_once_by_its_own_hosts_deployable(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        var provider = Guid.NewGuid();
        var uuid = await test.Database.ReadAsync(session => session.Deployables.Select(row => row.Uuid).FirstAsync(Cancellation), Cancellation);

        Assert.Equal(Adoption.Nothing, await AdoptAsync("host-2", uuid));
        Assert.Equal(0, await VersionAsync(test));
        Assert.Equal(Adoption.Done, await AdoptAsync(Host, uuid));
        Assert.Equal(Adoption.Nothing, await AdoptAsync(Host, uuid));
        Assert.Equal(Adoption.Taken, await AdoptAsync(Host, Guid.NewGuid()));
        Assert.Equal(1, await VersionAsync(test));
        Assert.Equal(provider, await test.Database.ReadAsync(session => session.Deployables.Select(row => row.RpUuid).FirstAsync(Cancellation), Cancellation));

        Task<Adoption> AdoptAsync(string host, Guid deployable) =>
            test.Database.TransactAsync(session => ProviderStore.AdoptAsync(session, host, deployable, provider), Cancellation);
    }

    [Theory, EachDatabase]
    public async Task A_fence_is_owed_until_it_is_shown_for_the_present_epoch(DatabaseKind kind)
    {
        await using var test = await SeedAsync(kind);
        Assert.Empty(await OwedAsync());
        await SetAsync(fenced: true, epoch: 1);
        // Its agent writes nothing to Placement.
        await test.Database.TransactAsync(session => session.Hosts.Set(row => row.ManagesProviders, false).UpdateAsync(Cancellation), Cancellation);
        Assert.Empty(await OwedAsync());
        Assert.False(await LookAsync());
        await test.Database.TransactAsync(session => session.Hosts.Set(row => row.ManagesProviders, true).UpdateAsync(Cancellation), Cancellation);

        var owed = Assert.Single(await OwedAsync());
        Assert.True(await LookAsync());
        Assert.Equal((Host, 1L, 1), (owed.Hostname, owed.Epoch, owed.Providers.Count));
        Assert.False(await ShownAsync(0));
        Assert.True(await ShownAsync(1));
        Assert.Empty(await OwedAsync());
        Assert.False(await LookAsync());

        await SetAsync(fenced: false, epoch: 1);
        Assert.False(await ShownAsync(1));
        await SetAsync(fenced: true, epoch: 2);
        Assert.Equal(2, Assert.Single(await OwedAsync()).Epoch);

        Task<IReadOnlyList<OwedFence>> OwedAsync() => test.Database.ReadAsync(ProviderStore.OwedFencesAsync, Cancellation);

        Task<bool> ShownAsync(long epoch) => test.Database.TransactAsync(session => ProviderStore.FenceShownAsync(session, Host, epoch), Cancellation);

        async Task<bool> LookAsync() => (await test.Database.ReadAsync(session => HostStore.LookAsync(session, Lease, Cancellation), Cancellation)).FenceOwed;

        Task SetAsync(bool fenced, long epoch) => test.Database.TransactAsync(
            session => session.Hosts.Set(row => row.Fenced, fenced).Set(row => row.Epoch, epoch).UpdateAsync(Cancellation), Cancellation);
    }

    /// <summary>A host whose agent writes to Placement, with one device of three handles.</summary>
    private static async Task<TestDatabase> SeedAsync(DatabaseKind kind)
    {
        var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(new HostRow { Name = Host, ManagesProviders = true }, Cancellation);
                var (deployable, _) = await Samples.InsertTreeAsync(session, 3);
                await session.Deployables.Where(row => row.Id == deployable.Id).Set(row => row.RpUuid, ProviderIdentity.Uuid(deployable.Name)).UpdateAsync(Cancellation);
            },
            Cancellation);
        return test;
    }

    private static Task<object?> Change(Session session)
    {
        session.ProvidersChanged(Host);
        return Task.FromResult<object?>(null);
    }

    private static Task<long> VersionAsync(TestDatabase test) =>
        test.Database.ReadAsync(session => session.Hosts.Where(row => row.Name == Host).Select(row => RevisionStore.Providers(row.Name)).FirstAsync(Cancellation), Cancellation);
}
