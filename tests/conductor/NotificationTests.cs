using Cyborg.Conductor.Accelerators;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>What is told of accelerators is told at least once, in order, with an id that tells repetitions.</summary>
public sealed class NotificationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_notification_says_what_happened_to_which_accelerator_when_and_why(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await using var listener = await Listener.StartAsync(conductor.Bus);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(uuid, "no power"), host: TestConductor.Host);
        await conductor.CallAsync(Verbs.EnableDevice, new ById(uuid));
        await conductor.CallAsync(Verbs.DisableDevice, new ById(uuid));
        await conductor.CallAsync(Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(null, 9, null, null), null));
        string[] words = ["created", "error", "installing", "inactive", "updated"];
        await listener.HearAsync(words);
        Assert.Equal(words.Select(word => "cyborg.notification.accelerator." + word), listener.Heard.Select(one => one.Subject));
        Assert.Equal(words, listener.Heard.Select(one => one.Body.GetProperty("event").GetString()));
        var ids = listener.Heard.Select(one => one.Body.GetProperty("id").GetInt64()).ToList();
        Assert.Equal(ids.Order().Distinct(), ids);
        var error = listener.Heard[1].Body;
        Assert.Equal("no power", error.GetProperty("reason").GetString());
        Assert.InRange(error.GetProperty("happened_at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var accelerator = error.GetProperty("accelerator");
        Assert.Equal(
            (uuid, "card", TestConductor.Host, "FPGA"),
            (accelerator.GetProperty("uuid").GetGuid(), accelerator.GetProperty("name").GetString(), accelerator.GetProperty("host").GetString(), accelerator.GetProperty("device_type").GetString()));
        Assert.All(words, word => Assert.Contains(word, AcceleratorEvents.All));
    }

    [Theory, EachDatabase]
    public async Task What_a_dead_conductor_may_have_told_is_told_again_with_the_same_id(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var bus = new InProcessBus();
        await using var listener = await Listener.StartAsync(bus);
        await using var connection = bus.Connect();
        await OrderAsync(test.Database, "one");
        var row = Assert.Single(await test.Database.TransactAsync(session => AcceleratorEventStore.ClaimAsync(session, Guid.NewGuid(), 10, 3600), Stop));
        // The one that died had sent it, and did not come to say so.
        await connection.PublishAsync(Notifications.SubjectPrefix + row.Event, null, Notifications.Bytes(row), Stop);

        var notifications = new Notifications(test.Database, connection, NullLogger.Instance, TimeProvider.System);
        Assert.False(await notifications.RoundAsync(Stop));
        await AcceleratorStage.EndClaimsAsync(test.Database);
        await notifications.RoundAsync(Stop);
        await AcceleratorStage.UntilAsync(() => Task.FromResult(listener.Heard.Count >= 2));
        Assert.Equal(2, listener.Heard.Count);
        Assert.Single(listener.Heard.Select(one => one.Body.GetProperty("id").GetInt64()).Distinct());
        Assert.Equal(0, await test.Database.ReadAsync(session => session.AcceleratorEvents.CountAsync(Stop), Stop));
    }

    [Theory, EachDatabase]
    public async Task What_happened_to_one_accelerator_is_not_told_out_of_order(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var (one, other) = (await OrderAsync(test.Database, "one"), await OrderAsync(test.Database, "other"));
        var token = Guid.NewGuid();
        Assert.Equal(2, (await ClaimAsync(token)).Count);
        await TellAsync(one, AcceleratorEvents.Ready);
        var third = await OrderAsync(test.Database, "third");
        // The newer word about the first waits for the older one, which somebody is telling.
        Assert.Equal([third], (await ClaimAsync(Guid.NewGuid())).Select(row => row.AcceleratorUuid));
        await test.Database.TransactAsync(async session =>
        {
            var mine = await session.AcceleratorEvents.Where(row => row.ClaimToken == token).OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(Stop);
            await AcceleratorEventStore.PostponeAsync(session, mine.Take(1).ToList(), token, 3600);
            await AcceleratorEventStore.DeleteAsync(session, mine.Skip(1).ToList(), token);
        }, Stop);
        await TellAsync(other, AcceleratorEvents.Ready);
        // And while the older one waits for another try.
        Assert.Equal([other], (await ClaimAsync(Guid.NewGuid())).Select(row => row.AcceleratorUuid));

        Task<List<Storage.Rows.AcceleratorEventRow>> ClaimAsync(Guid by) =>
            test.Database.TransactAsync(session => AcceleratorEventStore.ClaimAsync(session, by, 10, 3600), Stop);
        Task TellAsync(Guid uuid, string word) => test.Database.TransactAsync(session => AcceleratorEventStore.InsertAsync(session, [uuid], word, null), Stop);
    }

    [Theory, EachDatabase]
    public async Task What_the_bus_does_not_take_waits(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await OrderAsync(test.Database, "one");
        await using var broken = new BrokenTransport();
        var notifications = new Notifications(test.Database, broken, NullLogger.Instance, TimeProvider.System);
        broken.Up = false;
        Assert.False(await notifications.RoundAsync(Stop));
        Assert.Equal(0, broken.Published);
        broken.Up = true;
        await notifications.RoundAsync(Stop);
        Assert.Equal(1, broken.Published);
        var row = await test.Database.ReadAsync(session => session.AcceleratorEvents.SingleAsync(Stop), Stop);
        Assert.Equal((1, null), (row.Attempts, row.ClaimToken));
        // The connection broke between the publish and the flush, and was new when the flush came through.
        await AcceleratorStage.EndClaimsAsync(test.Database);
        await test.Database.TransactAsync(session => session.AcceleratorEvents.Set(found => found.SendAfter, found => found.CreatedAt).UpdateAsync(Stop), Stop);
        (broken.FlushFails, broken.Age) = (false, TimeSpan.Zero);
        await notifications.RoundAsync(Stop);
        Assert.Equal((2, 1), (broken.Published, await test.Database.ReadAsync(session => session.AcceleratorEvents.CountAsync(Stop), Stop)));
        await test.Database.TransactAsync(session => session.AcceleratorEvents.Set(found => found.SendAfter, found => found.CreatedAt).UpdateAsync(Stop), Stop);
        broken.Age = TimeSpan.FromHours(1);
        await notifications.RoundAsync(Stop);
        Assert.Equal((3, 0), (broken.Published, await test.Database.ReadAsync(session => session.AcceleratorEvents.CountAsync(Stop), Stop)));
    }

    /// <summary>Makes an accelerator of which there is one thing to tell.</summary>
    private static async Task<Guid> OrderAsync(CyborgDatabase database, string name)
    {
        var row = new Storage.Rows.AcceleratorRow { Uuid = Guid.NewGuid(), Name = name, Host = "h", Driver = "d", DeviceType = "X", AccType = "x", AccCapability = "{}", Num = 1 };
        await database.TransactAsync(
            async session =>
            {
                await AcceleratorJobStore.OrderAsync(session, row, Guid.NewGuid(), 3600);
                await AcceleratorEventStore.InsertAsync(session, [row.Uuid], AcceleratorEvents.Error, "why");
            },
            Stop);
        return row.Uuid;
    }

    private sealed class BrokenTransport : IBusTransport
    {
        public bool Up { get; set; } = true;
        public bool FlushFails { get; set; } = true;
        public TimeSpan Age { get; set; } = TimeSpan.FromHours(1);
        public int Published { get; private set; }
        public int MaxPayload => 1_000_000;
        public string InboxPrefix => "_INBOX.x";
        public TimeSpan? ConnectedFor => Up ? Age : null;

        public ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
        {
            Published++;
            return ValueTask.CompletedTask;
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken) => FlushFails ? throw new IOException("gone") : ValueTask.CompletedTask;

        public ValueTask<IAsyncDisposable> SubscribeAsync(string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
