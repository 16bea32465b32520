using Cyborg.Conductor.Accelerators;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Accelerators that are ordered: API to conductor to agent to driver, and back through the inventory.</summary>
public sealed class AcceleratorOrderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_order_is_made_by_its_backend_and_its_device_comes_back_with_its_uuid(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend("rack", creates: false), AcceleratorStage.Backend("shelf")]);
        MakeAccelerator? asked = null;
        await using var agent = await conductor.StartAgentAsync(request => (asked = request) is null ? throw new InvalidOperationException() : new BackendResult(null, false));

        var specs = new AccSpecs(true, 2, "CRYPTO", """{"num":2}""");
        var uuid = (await conductor.CallAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "IPSec Card", specs, null, null))).Uuid;
        Assert.Equal(new MakeAccelerator(AcceleratorStage.Driver, "shelf", uuid, "IPSec Card", specs), asked);
        var ordered = await conductor.AcceleratorAsync(uuid);
        Assert.Equal((AcceleratorState.Creating, TestConductor.Host, "shelf", TestConductor.Project), (ordered.State, ordered.Host, ordered.Backend, ordered.ProjectId));
        Assert.Empty((await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices);

        await conductor.ReportWithBackendsAsync(TestConductor.Host, [], AcceleratorStage.Made(uuid, "IPSec Card"));
        var made = await conductor.AcceleratorAsync(uuid);
        Assert.Equal((AcceleratorState.Inactive, "IPSec Card", specs, "shelf", ordered.Id), (made.State, made.Name, made.Specs, made.Backend, made.Id));
        Assert.Equal(uuid, (await conductor.CallAsync(Verbs.ShowDevice, new ById(uuid))).Uuid);
        await conductor.CallAsync(Verbs.EnableDevice, new ById(uuid));
        Assert.Equal(AcceleratorState.Installing, (await conductor.AcceleratorAsync(uuid)).State);
    }

    [Theory, EachDatabase]
    public async Task A_name_or_uuid_that_exists_is_refused(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var device = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        await conductor.ReportWithBackendsAsync("h2", [AcceleratorStage.Backend()]);
        Assert.Equal(FaultCode.AcceleratorNameExists, await conductor.FaultAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "card", null, null, null)));
        Assert.Equal(FaultCode.AcceleratorUuidExists, await conductor.FaultAsync(Verbs.CreateAccelerator, new CreateAccelerator(device, "other", null, null, null)));
        Assert.Equal(FaultCode.InvalidInput, await conductor.FaultAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "", null, null, null)));
        Assert.Equal(FaultCode.InvalidInput, await conductor.FaultAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "n", AccSpecs.Plain with { Capability = "[]" }, null, null)));
        Assert.Single(await conductor.AcceleratorsAsync());
    }

    [Theory, EachDatabase]
    public async Task What_a_backend_refuses_while_its_caller_waits_leaves_nothing_behind(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var answers = new Queue<BackendResult>([new("no room", false), new("cannot", true)]);
        await using var agent = await conductor.StartAgentAsync(_ => answers.Dequeue());
        var order = new CreateAccelerator(null, "card", null, null, null);
        var failed = await Assert.ThrowsAsync<FaultException>(() => conductor.CallAsync(Verbs.CreateAccelerator, order));
        Assert.Equal((FaultCode.BackendFailed, "no room"), (failed.Code, failed.Message));
        Assert.Equal(FaultCode.NotSupportedByDriver, await conductor.FaultAsync(Verbs.CreateAccelerator, order));
        Assert.Empty(await conductor.AcceleratorsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_call_that_is_sent_again_orders_once(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var made = 0;
        await using var agent = await conductor.StartAgentAsync(_ => Interlocked.Increment(ref made) > 0 ? new BackendResult(null, false) : throw new InvalidOperationException());
        var (id, order) = (Guid.NewGuid(), new CreateAccelerator(null, "card", null, null, null));
        var first = await conductor.CallAsync(Verbs.CreateAccelerator, order, idempotencyId: id);
        Assert.Equal(first, await conductor.CallAsync(Verbs.CreateAccelerator, order, idempotencyId: id));
        Assert.Equal((1, 1), (made, (await conductor.AcceleratorsAsync()).Count));
    }

    [Theory, EachDatabase]
    public async Task An_order_whose_agent_is_away_goes_on_when_it_is_back(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var uuid = await OrderInHasteAsync(conductor, "card");
        Assert.Equal(AcceleratorState.Creating, (await conductor.AcceleratorAsync(uuid)).State);

        await using var agent = await conductor.StartAgentAsync();
        await AcceleratorStage.UntilAsync(async () => !await HasJobAsync(conductor, uuid));
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [], AcceleratorStage.Made(uuid, "card"));
        Assert.Equal(AcceleratorState.Inactive, (await conductor.AcceleratorAsync(uuid)).State);
    }

    [Theory, EachDatabase]
    public async Task What_a_backend_refuses_when_nobody_waits_any_more_is_in_error_and_can_be_deleted(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await using var listener = await Listener.StartAsync(conductor.Bus);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var uuid = await OrderInHasteAsync(conductor, "card");
        await using var agent = await conductor.StartAgentAsync(_ => new BackendResult("no room", false));
        await AcceleratorStage.UntilAsync(async () => (await conductor.AcceleratorAsync(uuid)).State == AcceleratorState.Error);
        Assert.Equal("no room", (await conductor.AcceleratorAsync(uuid)).StateReason);
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(null, 2, null, null), null)));
        await conductor.CallAsync(Verbs.DeleteAccelerator, new ById(uuid));
        Assert.Empty(await conductor.AcceleratorsAsync());
        await listener.HearAsync("error", "deleted");
        Assert.Equal(["error", "deleted"], listener.Words);
        Assert.Equal("no room", listener.Heard[0].Body.GetProperty("reason").GetString());
    }

    [Theory, EachDatabase]
    public async Task An_order_that_a_dead_conductor_had_claimed_is_done_by_another(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        await using var agent = await conductor.StartAgentAsync();
        var uuid = Guid.NewGuid();
        var row = new Storage.Rows.AcceleratorRow
        {
            Uuid = uuid,
            Name = "card",
            Host = TestConductor.Host,
            Driver = AcceleratorStage.Driver,
            Backend = "rack",
            DeviceType = "X",
            AccType = "x",
            AccCapability = "{}",
            Num = 1,
        };
        await conductor.Database.TransactAsync(session => AcceleratorJobStore.OrderAsync(session, row, Guid.NewGuid(), 3600), Stop);
        await AcceleratorStage.EndClaimsAsync(conductor.Database);
        await AcceleratorStage.UntilAsync(async () => !await HasJobAsync(conductor, uuid));
        Assert.Equal(AcceleratorState.Creating, (await conductor.AcceleratorAsync(uuid)).State);
    }

    [Theory, EachDatabase]
    public async Task What_was_made_and_is_not_reported_is_in_error_until_it_is(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        await using var agent = await conductor.StartAgentAsync();
        var uuid = (await conductor.CallAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "card", null, null, null))).Uuid;
        Assert.Equal(0, await conductor.Database.TransactAsync(session => AcceleratorJobStore.GiveUpAsync(session, TimeSpan.FromHours(1)), Stop));
        Assert.Equal(1, await conductor.Database.TransactAsync(session => AcceleratorJobStore.GiveUpAsync(session, TimeSpan.FromHours(-1)), Stop));
        Assert.Equal(AcceleratorState.Error, (await conductor.AcceleratorAsync(uuid)).State);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [], AcceleratorStage.Made(uuid, "card"));
        Assert.Equal((AcceleratorState.Inactive, null), await conductor.AcceleratorAsync(uuid) is var now ? (now.State, now.StateReason) : default);
    }

    [Theory, EachDatabase]
    public async Task Another_host_does_not_take_an_order_by_claiming_its_uuid(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var uuid = await OrderInHasteAsync(conductor, "card");
        await conductor.ReportWithBackendsAsync("thief", [], AcceleratorStage.Made(uuid, "card"));
        Assert.Equal(AcceleratorState.Creating, (await conductor.AcceleratorAsync(uuid)).State);
        Assert.Equal(2, (await conductor.AcceleratorsAsync()).Count);
    }

    [Theory, EachDatabase]
    public async Task The_spec_of_what_was_made_is_changed_by_its_backend_first(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var answers = new Queue<BackendResult>([new("too many", false), new(null, false)]);
        var asked = new List<ChangeAccelerator>();
        var uuid = await MadeAsync(conductor, request =>
        {
            asked.Add(request);
            return answers.Dequeue();
        });
        await using var agent = uuid.Agent;
        var update = new UpdateAccelerator(uuid.Uuid, new AccSpecsChange(null, 7, null, null), null);
        var refused = await Assert.ThrowsAsync<FaultException>(() => conductor.CallAsync(Verbs.UpdateAccelerator, update));
        Assert.Equal((FaultCode.BackendFailed, "too many"), (refused.Code, refused.Message));
        Assert.Equal((1, 0L), await conductor.AcceleratorAsync(uuid.Uuid) is var before ? (before.Specs.Num, before.Generation) : default);
        await conductor.CallAsync(Verbs.UpdateAccelerator, update);
        Assert.Equal((7, 1L), await conductor.AcceleratorAsync(uuid.Uuid) is var after ? (after.Specs.Num, after.Generation) : default);
        Assert.All(asked, request => Assert.Equal(7, request.Specs!.Num));
    }

    [Theory, EachDatabase]
    public async Task A_change_that_its_backend_does_not_answer_goes_on_and_keeps_others_out(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var made = await MadeAsync(conductor, _ => new BackendResult(null, false));
        await made.Agent.DisposeAsync();
        var update = new UpdateAccelerator(made.Uuid, new AccSpecsChange(null, 7, null, null), null);
        Assert.Equal(FaultCode.StillGoingOn, (await Assert.ThrowsAsync<FaultException>(() => conductor.CallInHasteAsync(Verbs.UpdateAccelerator, update))).Code);
        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(() => conductor.CallInHasteAsync(Verbs.UpdateAccelerator, update))).Code);
        await using var agent = await conductor.StartAgentAsync();
        await AcceleratorStage.UntilAsync(async () => (await conductor.AcceleratorAsync(made.Uuid)).Generation == 1);
        Assert.Equal(7, (await conductor.AcceleratorAsync(made.Uuid)).Specs.Num);
    }

    [Theory, EachDatabase]
    public async Task Only_what_was_made_and_is_free_is_taken_away(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var found = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        Assert.Equal(FaultCode.NotSupportedByDriver, await conductor.FaultAsync(Verbs.DeleteAccelerator, new ById(found)));
        Assert.Equal(FaultCode.AcceleratorNotFound, await conductor.FaultAsync(Verbs.DeleteAccelerator, new ById(Guid.NewGuid())));

        var asked = new List<ChangeAccelerator>();
        var made = await MadeAsync(conductor, request =>
        {
            asked.Add(request);
            return new BackendResult(null, false);
        });
        await using var agent = made.Agent;
        var arqs = await conductor.CreateAsync();
        await conductor.BindAsync(arqs, $"card-{made.Uuid:N}");
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.DeleteAccelerator, new ById(made.Uuid)));
        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope(TestConductor.Project), arqs));
        await conductor.CallAsync(Verbs.DeleteAccelerator, new ById(made.Uuid));
        Assert.Null(Assert.Single(asked).Specs);
        Assert.Equal(AcceleratorState.Deleting, (await conductor.AcceleratorAsync(made.Uuid)).State);
        await conductor.ReportAsync(TestConductor.Host, new DriverDiscovery(AcceleratorStage.Driver, []));
        Assert.Equal(FaultCode.AcceleratorNotFound, await conductor.FaultAsync(Verbs.ShowAccelerator, new ById(made.Uuid)));
    }

    [Fact]
    public void The_backend_is_the_one_that_is_named_or_the_only_one()
    {
        static BackendHost Host(string name, bool live, params ReportedBackend[] backends) => new(name, BackendChoice.Text(backends)!, live);
        BackendHost[] one = [Host("h1", true, AcceleratorStage.Backend("a", creates: false), AcceleratorStage.Backend("b"), AcceleratorStage.Backend("c"))];
        Assert.Equal(new BackendPlace("h1", AcceleratorStage.Driver, "b"), BackendChoice.Choose(one, null, null));
        Assert.Equal(new BackendPlace("h1", AcceleratorStage.Driver, "c"), BackendChoice.Choose(one, null, "c"));
        BackendHost[] two = [.. one, Host("h2", true, AcceleratorStage.Backend("c"))];
        Assert.Equal(new BackendPlace("h2", AcceleratorStage.Driver, "c"), BackendChoice.Choose(two, "h2", null));
        Assert.Equal(new BackendPlace("h1", AcceleratorStage.Driver, "b"), BackendChoice.Choose(two, null, "b"));
        BackendHost[] dead = [.. one, Host("h2", false, AcceleratorStage.Backend("c"))];
        Assert.Equal("h1", BackendChoice.Choose(dead, null, "c").Host);
        foreach (var (hosts, host, backend, says) in new (BackendHost[], string?, string?, string)[]
        {
            (two, null, null, "Several hosts"), (two, null, "c", "h1, h2"), (one, null, "a", "'a'"), (one, "h9", null, "h9"), (dead, "h2", null, "h2"), ([], null, null, "No backend"),
        })
        {
            var refused = Assert.Throws<FaultException>(() => BackendChoice.Choose(hosts, host, backend));
            Assert.Equal(FaultCode.NoBackend, refused.Code);
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
        Assert.Null(BackendChoice.Text(null));
    }

    [Fact]
    public void A_backend_that_fails_is_asked_ever_less_often() =>
        Assert.Equal([1, 1, 2, 4, 8, 16, 30, 30], new[] { 0, 1, 2, 3, 4, 5, 6, 99 }.Select(AcceleratorJobs.Delay));

    /// <summary>Orders so that no backend is waited for.</summary>
    private static async Task<Guid> OrderInHasteAsync(TestConductor conductor, string name) =>
        (await conductor.CallInHasteAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, name, null, TestConductor.Host, null))).Uuid;

    private static async Task<(Guid Uuid, BusServer Agent)> MadeAsync(TestConductor conductor, Func<ChangeAccelerator, BackendResult> change)
    {
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()]);
        var agent = await conductor.StartAgentAsync(change: change);
        var uuid = (await conductor.CallAsync(Verbs.CreateAccelerator, new CreateAccelerator(null, "made", null, null, null))).Uuid;
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()], AcceleratorStage.Made(uuid, "made"));
        return (uuid, agent);
    }

    private static async Task<bool> HasJobAsync(TestConductor conductor, Guid uuid) =>
        (await conductor.Database.ReadAsync(session => AcceleratorJobStore.LookAsync(session, uuid), Stop))!.HasJob;
}
