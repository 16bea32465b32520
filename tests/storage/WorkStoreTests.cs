using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Metrics;

namespace Cyborg.Storage.Tests;

public class WorkStoreTests
{
    private static readonly AsyncLocal<Count?> s_count = new();

    static WorkStoreTests() => ActivityService.AddFactory(id =>
    {
        if (id == ActivityID.GetQueryCreate && s_count.Value is { } count)
            Interlocked.Increment(ref count.Compiled);
        return null;
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<DatabaseKind, string> Kinds =>
        new(Enum.GetValues<DatabaseKind>().SelectMany(_ => s_work.Keys, (kind, work) => (kind, work)));

    [Theory, EachDatabase]
    public async Task An_idle_database_shows_no_work_in_one_statement_that_is_compiled_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await LookAsync(test.Database);
        using var count = StatementCount.Start(test.Database);
        s_count.Value = new Count();
        for (var n = 0; n < 3; n++)
            Assert.Empty(Shown(await LookAsync(test.Database)));
        Assert.Equal((0, 3), (s_count.Value.Compiled, count.Statements));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_look_shows_what_is_due_and_nothing_else(DatabaseKind kind, string work)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(session => s_work[work](session), Cancellation);
        var look = await LookAsync(test.Database);
        Assert.Equal([work], Shown(look));
        Assert.Equal(look.Handles, await test.Database.ReadAsync(session => WorkStore.HandlesAsync(session, new HandleAges(60, 60), Cancellation), Cancellation));
    }

    private static readonly Dictionary<string, Func<Session, Task>> s_work = new()
    {
        ["overdue host"] = session => session.InsertIdAsync(new HostRow { Name = "h" }, Cancellation),
        ["owed fence"] = session => session.InsertIdAsync(new HostRow { Name = "h", Fenced = true, ManagesProviders = true, Epoch = 2, FenceShown = 1 }, Cancellation),
        ["handle job"] = async session =>
        {
            var (_, handles) = await Samples.InsertTreeAsync(session, 2);
            await session.AttachHandles.Where(row => row.Id == handles[1].Id)
                .Set(row => row.Job, AttachHandleRow.ReleaseJob).Set(row => row.JobAfter, _ => DatabaseClock.In(-1)).UpdateAsync(Cancellation);
            await session.AttachHandles.Where(row => row.Id == handles[0].Id)
                .Set(row => row.Job, AttachHandleRow.ReleaseJob).Set(row => row.JobUntil, _ => DatabaseClock.In(100)).UpdateAsync(Cancellation);
        },
        ["unshown failure"] = async session =>
        {
            var arq = await ArqAsync(session, ArqState.BindStarted);
            await session.Arqs.Where(row => row.Id == arq).Set(row => row.FailedAt, _ => DatabaseClock.In(-61)).UpdateAsync(Cancellation);
        },
        ["abandoned programming"] = async session =>
        {
            var (deployable, _) = await Samples.InsertTreeAsync(session, 1);
            await session.Deployables.Where(row => row.Id == deployable.Id)
                .Set(row => row.ProgramBegan, _ => DatabaseClock.In(-61)).Set(row => row.ProgramUntil, _ => DatabaseClock.In(-61)).UpdateAsync(Cancellation);
        },
        ["accelerator"] = session => session.InsertIdAsync(
            new AcceleratorRow { Uuid = Guid.NewGuid(), Name = "a", DeviceType = "FPGA", AccType = "fpga", AccCapability = "{}", Num = 1, Job = AcceleratorJob.Create }, Cancellation),
        ["attachment"] = session => session.InsertIdAsync(
            new AttachmentRow
            {
                Uuid = Guid.NewGuid(),
                AcceleratorUuid = Guid.NewGuid(),
                ConsumerUuid = Guid.NewGuid(),
                TargetType = AttachTarget.Host,
                Target = "h",
                State = AttachmentState.Attaching,
                Step = AttachmentStep.Claim,
            },
            Cancellation),
        ["notification"] = session => session.InsertIdAsync(
            new AcceleratorEventRow { AcceleratorUuid = Guid.NewGuid(), Name = "a", DeviceType = "FPGA", Event = "created", SendAfter = DateTimeOffset.UnixEpoch }, Cancellation),
        ["event"] = session => NovaEventStore.InsertAsync(session, [(Guid.NewGuid(), Guid.NewGuid(), 1L)], NovaEventStore.Completed),
        ["server"] = async session =>
        {
            var arq = await ArqAsync(session, ArqState.Bound);
            await session.Arqs.Where(row => row.Id == arq).Set(row => row.CheckAfter, _ => DatabaseClock.In(-1)).UpdateAsync(Cancellation);
        },
    };

    private static async Task<int> ArqAsync(Session session, ArqState state)
    {
        var profile = await session.InsertIdAsync(Samples.Profile("gpu"), Cancellation);
        return await session.InsertIdAsync(
            new ArqRow { Uuid = Guid.NewGuid(), State = state, DeviceProfileId = profile, InstanceUuid = Guid.NewGuid() }, Cancellation);
    }

    private static Task<WorkLook> LookAsync(CyborgDatabase database) => database.ReadAsync(
        session => WorkStore.LookAsync(session, TimeSpan.FromSeconds(30), new HandleAges(60, 60), Cancellation), Cancellation);

    private static IEnumerable<string> Shown(WorkLook look)
    {
        (bool Is, string Name)[] parts =
        [
            (look.Leases.Overdue, "overdue host"), (look.Leases.FenceOwed, "owed fence"), (look.Handles.JobDue, "handle job"),
            (look.Handles.FailureUnshown, "unshown failure"), (look.Handles.ProgrammingAbandoned, "abandoned programming"),
            (look.Accelerators, "accelerator"), (look.Attachments, "attachment"), (look.Notifications, "notification"),
            (look.NovaEvents, "event"), (look.ServerChecks, "server"),
        ];
        return parts.Where(part => part.Is).Select(part => part.Name);
    }

    private sealed class Count
    {
        public int Compiled;
    }
}
