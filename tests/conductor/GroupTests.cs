using Cyborg.Conductor.Requests;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>Calls that are done together: what they cost, and that nobody's failure is another's.</summary>
public sealed class GroupTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_walk_takes_few_statements_however_many_requests_there_are()
    {
        await using var conductor = await TestConductor.StartAsync(DatabaseKind.Postgres, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", 8));
        await MakeProfileAsync(conductor, "plain");
        await WalkAsync(conductor);
        var few = await CountAsync(conductor);
        for (var n = 0; n < 200; n++)
            await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("plain"));

        var many = await CountAsync(conductor);

        Assert.Equal(few.Texts, many.Texts);
        Assert.True(many.Texts.Count <= 16, $"{many.Texts.Count} statements:\n{string.Join('\n', many.Texts)}");
        // One to create, two to bind, one to list, two to delete.
        Assert.Equal(6, many.RoundTrips);
    }

    [Fact]
    public async Task Requests_that_come_at_the_same_time_are_all_made_bound_and_deleted()
    {
        const int Crowd = 40;
        await using var conductor = await TestConductor.StartAsync(DatabaseKind.Postgres, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", Crowd));
        await MakeProfileAsync(conductor, "plain");
        await WalkAsync(conductor);

        var arqs = (await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("plain")))))
            .Select(made => made.Arqs.Single().Uuid).ToList();
        await Task.WhenAll(arqs.Select(arq => conductor.BindAsync([arq], "card")));
        var bound = (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs;
        await Task.WhenAll(arqs.Select(arq => conductor.CallAsync(Verbs.DeleteArqs, Delete(arq))));

        Assert.All(bound, arq => Assert.Equal(ArqState.Bound, arq.State));
        Assert.Equal(Crowd, bound.Select(arq => arq.AttachHandleUuid).Distinct().Count());
        Assert.Empty((await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs);
    }

    [Fact]
    public async Task However_many_calls_meet_they_cost_as_much_as_two()
    {
        const int Crowd = 40;
        await using var conductor = await TestConductor.StartAsync(DatabaseKind.Postgres, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", Crowd));
        await MakeProfileAsync(conductor, "plain");
        using var groups = new RequestGroups(conductor.Database, TestConductor.NoNova, aloneAtOnce: 1, NullLogger.Instance);
        var profile = await conductor.Database.ReadAsync(session => ProfileStore.FindAsync(session, null, "plain"), Stop);
        groups.Profiles.Learn(profile!, ProfileGroup.ParseAll(profile!.Profile.Groups));

        var (made, creating) = await MeetAsync(conductor, Enumerable.Range(0, Crowd).Select(_ => groups.TryCreateAsync(new CreateArqs("plain"), Call())));
        List<Guid> arqs = [.. made.Select(list => list!.Arqs.Single().Uuid)];
        var (bound, binding) = await MeetAsync(conductor, arqs.Select(arq => groups.TryBindAsync(TestConductor.Binding([arq], "card"), Call())));
        Assert.Equal(Crowd, await conductor.Database.ReadAsync(session => HeldHandlesAsync(session), Stop));
        var (deleted, deleting) = await MeetAsync(conductor, arqs.Select(arq => groups.TryDeleteAsync(Delete(arq), Call())));
        Assert.Empty((await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs);

        Assert.All(bound.Concat(deleted), Assert.True);
        // The first that came, and then all the others: each one round trip to create, two to bind, two to delete.
        Assert.Equal((2, 4, 4), (creating, binding, deleting));
    }

    [Fact]
    public async Task One_that_cannot_be_done_is_told_so_and_the_others_are_done()
    {
        await using var conductor = await TestConductor.StartAsync(DatabaseKind.Postgres);
        await conductor.ReportAsync(TestConductor.Card("card", 4));
        await MakeProfileAsync(conductor, "plain");
        List<Guid> arqs = [];
        for (var n = 0; n < 6; n++)
            arqs.Add((await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("plain"))).Arqs.Single().Uuid);
        var instance = Guid.NewGuid();

        // The first occupies the group, so that the others meet: two for one instance, one that is not there, three more than there are handles.
        List<Task<string>> binds = [.. arqs.Select((arq, n) => OutcomeAsync(() => conductor.BindAsync([arq], "card", n is 1 or 2 ? instance : null)))];
        binds.Add(OutcomeAsync(() => conductor.BindAsync([Guid.NewGuid()], "card")));
        binds.Add(OutcomeAsync(() => conductor.BindAsync([arqs[0]], "card", project: "another")));
        var outcomes = await Task.WhenAll(binds);

        Assert.Equal(4, outcomes.Count(outcome => outcome == "done"));
        Assert.Equal(2, outcomes.Count(outcome => outcome == nameof(FaultCode.ArqNotFound)));
        Assert.Equal(2, outcomes.Count(outcome => outcome is nameof(FaultCode.InstanceHasArqs) or nameof(FaultCode.NoFreeAttachHandle)));
        var held = await conductor.Database.ReadAsync(session => HeldHandlesAsync(session), TestContext.Current.CancellationToken);
        Assert.Equal(4, held);
    }

    [Theory, EachDatabase]
    public async Task A_call_that_comes_twice_at_once_is_done_once(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 4));
        await MakeProfileAsync(conductor, "plain");
        await WalkAsync(conductor);
        var (create, bind, delete) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        var made = await Twice(() => conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("plain"), idempotencyId: create));
        var arq = made[0].Arqs.Single();
        Assert.Equal(made[0].Arqs, made[1].Arqs);
        Assert.Equal([arq], (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs);

        await Twice(() => conductor.BindAsync([arq.Uuid], "card", idempotencyId: bind));
        Assert.Equal(ArqState.Bound, (await conductor.ShowAsync(arq.Uuid)).State);

        await Twice(() => conductor.CallAsync(Verbs.DeleteArqs, Delete(arq.Uuid), idempotencyId: delete));
        Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.DeleteArqs, Delete(arq.Uuid)));
    }

    [Theory, EachDatabase]
    public async Task A_profile_that_was_made_anew_under_its_name_is_the_new_one(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await MakeProfileAsync(conductor, "name");
        await conductor.CallAsync(Verbs.DeleteArqs, Delete((await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("name"))).Arqs.Single().Uuid));
        await conductor.CallAsync(Verbs.DeleteProfiles, new DeleteProfiles([new ShowProfile(null, "name")]));
        Assert.Equal(FaultCode.DeviceProfileNotFound, await conductor.FaultAsync(Verbs.CreateArqs, new CreateArqs("name")));

        await MakeProfileAsync(conductor, "name", amount: 3);

        Assert.Equal(3, (await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("name"))).Arqs.Count);
        Assert.Equal(3, (await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("name"))).Arqs.Count);
    }

    /// <summary>Begins calls while the first of them cannot end, so that all the others meet; their results, and the round trips they took.</summary>
    private static async Task<(T[] Results, int RoundTrips)> MeetAsync<T>(TestConductor conductor, IEnumerable<Task<T>> calls)
    {
        List<Task<T>> begun = [];
        StatementCount? count = null;
        await conductor.Database.TransactAsync(
            async session =>
            {
                // Whatever a group does, it notes its calls here first.
                await session.ExecuteAsync("LOCK TABLE rpc_replies IN EXCLUSIVE MODE", Stop);
                count = StatementCount.Start(conductor.Database);
                begun = [.. calls];
            },
            Stop);
        using (count)
        {
            var results = await Task.WhenAll(begun);
            return (results, count!.RoundTrips);
        }
    }

    private static CallContext Call() => new() { Caller = new Caller { ProjectId = TestConductor.Project }, IdempotencyId = Guid.NewGuid() };

    private static DeleteArqs Delete(Guid arq) => new(TestConductor.Scope("p1"), [arq], AlsoBound: true);

    private static Task<DeviceProfile> MakeProfileAsync(TestConductor conductor, string name, int amount = 1) => conductor.CallAsync(
        Verbs.CreateProfile, new CreateProfile(null, name, null, [new Dictionary<string, string?> { ["resources:FPGA"] = $"{amount}" }]));

    private static async Task WalkAsync(TestConductor conductor)
    {
        var (arq, instance) = ((await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("plain"))).Arqs.Single().Uuid, Guid.NewGuid());
        await conductor.BindAsync([arq], "card", instance);
        Assert.Single((await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), instance))).Arqs);
        await conductor.CallAsync(Verbs.DeleteArqs, Delete(arq));
    }

    private static async Task<(IReadOnlyList<string> Texts, int RoundTrips)> CountAsync(TestConductor conductor)
    {
        using var count = StatementCount.Start(conductor.Database);
        await WalkAsync(conductor);
        return (count.Texts, count.RoundTrips);
    }

    private static async Task<string> OutcomeAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "done";
        }
        catch (FaultException fault)
        {
            return fault.Code.ToString();
        }
    }

    private static Task<T[]> Twice<T>(Func<Task<T>> call) => Task.WhenAll(call(), call());

    private static async Task<int> HeldHandlesAsync(Session session) =>
        (await ArqStore.ListAsync(session, ProjectScope.All, null)).Count(arq => arq.AttachHandleUuid is not null);
}
