using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

/// <summary>The database's clock inside queries, on both databases.</summary>
public class DatabaseClockTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Now_is_this_moment(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-2);
        var now = await test.Database.ReadAsync(session => session.SelectAsync(() => DatabaseClock.Now(), Cancellation), Cancellation);
        Assert.InRange(now, before, DateTimeOffset.UtcNow.AddMilliseconds(2));
    }

    [Theory, EachDatabase]
    public async Task Seconds_from_now_have_fractions_and_both_signs(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        foreach (var seconds in new[] { 0.0, 90, -90, 0.25, -0.125, 86_400.5, -1e-7, 1e7 })
        {
            var before = DateTimeOffset.UtcNow.AddMilliseconds(-2).AddSeconds(seconds);
            var then = await test.Database.ReadAsync(session => session.SelectAsync(() => DatabaseClock.In(seconds), Cancellation), Cancellation);
            Assert.InRange(then, before, DateTimeOffset.UtcNow.AddMilliseconds(2).AddSeconds(seconds));
        }
    }

    [Theory, EachDatabase]
    public async Task Columns_are_written_from_the_clock_and_compared_with_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var found = await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(new HostRow { Name = "never" }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "old" }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "young", SeenAt = session.Now }, Cancellation);
                await session.Hosts.Where(row => row.Name == "old").Set(row => row.SeenAt, _ => DatabaseClock.In(-300.5)).UpdateAsync(Cancellation);
                return (
                    Expired: await session.Hosts.Where(row => row.SeenAt < DatabaseClock.In(-300)).Select(row => row.Name).ToListAsync(Cancellation),
                    Live: await session.Hosts.Where(row => row.SeenAt >= DatabaseClock.In(-600)).OrderBy(row => row.Id).Select(row => row.Name).ToListAsync(Cancellation));
            },
            Cancellation);
        Assert.Equal(["old"], found.Expired);
        Assert.Equal(["old", "young"], found.Live);
    }

    [Theory, EachDatabase]
    public async Task The_later_of_two_moments_wins_and_an_unknown_one_loses(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var future = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-2);
        var seen = await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(new HostRow { Name = "never" }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "past", SeenAt = DateTimeOffset.UnixEpoch }, Cancellation);
                await session.InsertIdAsync(new HostRow { Name = "future", SeenAt = future }, Cancellation);
                await session.Hosts.Set(row => row.SeenAt, row => DatabaseClock.Later(row.SeenAt, DatabaseClock.Now())).UpdateAsync(Cancellation);
                return await session.Hosts.OrderBy(row => row.Id).Select(row => row.SeenAt).ToListAsync(Cancellation);
            },
            Cancellation);
        Assert.InRange(seen[0]!.Value, before, DateTimeOffset.UtcNow.AddMilliseconds(2));
        Assert.InRange(seen[1]!.Value, before, DateTimeOffset.UtcNow.AddMilliseconds(2));
        Assert.Equal(future, seen[2]);
    }
}
