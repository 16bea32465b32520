using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

/// <summary>Leases, fences and revisions as statements.</summary>
public class HostStoreTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_thousand_leases_are_locked_and_renewed_in_two_statements(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        string[] names = [.. Enumerable.Range(0, 1000).Select(n => $"host-{n}")];
        await test.Database.TransactAsync(session => session.InsertAllAsync([.. names.Select(name => new HostRow { Name = name })], Cancellation), Cancellation);
        var agent = Guid.NewGuid();

        using var count = StatementCount.Start(test.Database);
        await test.Database.TransactAsync(
            async session =>
            {
                var leases = await HostStore.LockFreeAsync(session, names, Lease);
                Assert.Equal(1000, leases.Count);
                Assert.DoesNotContain(leases, lease => lease.Live);
                Assert.Equal(1000, await HostStore.RenewAsync(session, [.. leases.Select((lease, n) => new HostRenewal(lease.Id, agent, Guid.NewGuid(), n, n / 1000.0))]));
            },
            Cancellation);
        Assert.Equal(2, count.Statements);

        var renewed = await test.Database.TransactAsync(session => HostStore.LockFreeAsync(session, names, Lease), Cancellation);
        Assert.All(renewed, lease => Assert.True(lease.Live && lease.AgentId == agent));
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => (long)n), renewed.Select(lease => lease.BootNumber));
    }

    [Fact]
    public async Task A_host_that_another_transaction_has_locked_is_passed_over()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        await test.Database.TransactAsync(session => session.InsertAllAsync([new HostRow { Name = "a" }, new HostRow { Name = "b" }], Cancellation), Cancellation);
        var free = await test.Database.TransactAsync(
            async session =>
            {
                await HostStore.LockAsync(session, "a", Lease);
                return await test.Database.TransactAsync(other => HostStore.LockFreeAsync(other, ["a", "b", "c"], Lease), Cancellation);
            },
            Cancellation);
        Assert.Equal(["b"], free.Select(lease => lease.Name));
    }

    [Theory, EachDatabase]
    public async Task A_lease_never_moves_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var seen = await test.Database.TransactAsync(
            async session =>
            {
                var lease = await HostStore.LockAsync(session, "h", Lease);
                await HostStore.RenewAsync(session, [new HostRenewal(lease.Id, Guid.NewGuid(), Guid.NewGuid(), 1, 1)]);
                var before = await session.Hosts.Select(row => row.SeenAt).FirstAsync(Cancellation);
                await HostStore.RenewAsync(session, [new HostRenewal(lease.Id, Guid.NewGuid(), Guid.NewGuid(), 1, 20)]);
                return (before, after: await session.Hosts.Select(row => row.SeenAt).FirstAsync(Cancellation));
            },
            Cancellation);
        Assert.NotNull(seen.before);
        Assert.Equal(seen.before, seen.after);
    }

    [Theory, EachDatabase]
    public async Task An_overdue_host_is_fenced_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(new HostRow { Name = "live", SeenAt = DateTimeOffset.UtcNow }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "dead", SeenAt = DateTimeOffset.UtcNow.AddMinutes(-5), Epoch = 6 }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "fenced", SeenAt = DateTimeOffset.UtcNow.AddMinutes(-9), Epoch = 1, Fenced = true }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "never" }, Cancellation);
            },
            Cancellation);

        Assert.True((await LookAsync()).Overdue);
        var fenced = await test.Database.TransactAsync(session => HostStore.FenceAsync(session, Lease), Cancellation);
        Assert.Equal([("dead", 7L), ("never", 1L)], fenced.Select(host => (host.Name, host.Epoch)));
        Assert.False((await LookAsync()).Overdue);
        Assert.Empty(await test.Database.TransactAsync(session => HostStore.FenceAsync(session, Lease), Cancellation));

        Task<LeaseLook> LookAsync() => test.Database.ReadAsync(session => HostStore.LookAsync(session, Lease, Cancellation), Cancellation);
    }

    [Theory, EachDatabase]
    public async Task A_revision_is_raised_by_the_last_statement_of_what_commits(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        using var count = StatementCount.Start(test.Database);
        await test.Database.TransactAsync(
            async session =>
            {
                session.MarkChanged(RevisionRow.Profiles);
                session.MarkChanged(RevisionRow.Devices);
                session.MarkChanged(RevisionRow.Devices);
                await session.Hosts.CountAsync(Cancellation);
            },
            Cancellation);
        Assert.Equal(3, count.Statements);
        Assert.All(count.Texts.Skip(1), text => Assert.Contains("revisions", text, StringComparison.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.TransactAsync(
            session =>
            {
                session.MarkChanged(RevisionRow.Devices);
                throw new InvalidOperationException();
            },
            Cancellation));
        Assert.Equal((1, 1), await test.Database.ReadAsync(
            async session => (await RevisionStore.ReadAsync(session, RevisionRow.Devices), await RevisionStore.ReadAsync(session, RevisionRow.Profiles)), Cancellation));
    }
}
