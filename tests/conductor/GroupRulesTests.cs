using Cyborg.Conductor.Requests;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Tests;

/// <summary>Which calls may be done together, as pure decisions.</summary>
public sealed class GroupRulesTests
{
    private static readonly Guid s_provider = Guid.NewGuid();
    private static readonly KnownProfile s_profile = new(1, "profile", [1, 1], [true, false]);

    private readonly GroupedArq _arq = Arq();

    [Fact]
    public void A_plain_bind_gets_the_lowest_handle_and_a_new_generation()
    {
        var plan = Decide([Bind(_arq)], Look([_arq], Handles(5, 7)));
        var taking = Assert.Single(plan.Takings);
        Assert.Equal((5, 4L, "caller"), (taking.HandleId, taking.Generation, taking.ProjectId));
        Assert.Single(plan.Done);
    }

    [Fact]
    public void Two_binds_of_one_request_are_not_both_done()
    {
        var (first, second) = (Bind(_arq), Bind(_arq));
        Assert.Equal([first], Decide([first, second], Look([_arq], Handles(1, 2))).Done);
    }

    [Fact]
    public void Two_binds_of_one_instance_are_not_both_done()
    {
        var (instance, other) = (Guid.NewGuid(), Arq());
        var (first, second) = (Bind(_arq, instance), Bind(other, instance));
        Assert.Equal([first], Decide([first, second], Look([_arq, other], Handles(1, 2))).Done);
    }

    [Fact]
    public void The_last_handle_goes_to_the_first_and_no_handle_goes_to_two()
    {
        GroupedArq[] arqs = [_arq, Arq(), Arq()];
        GroupedBind[] calls = [.. arqs.Select(arq => Bind(arq))];
        var plan = Decide(calls, Look(arqs, Handles(1, 2)));
        Assert.Equal(calls[..2], plan.Done);
        Assert.Equal([1, 2], plan.Takings.Select(taking => taking.HandleId));
    }

    [Fact]
    public void A_bind_of_several_is_done_whole_or_not()
    {
        var other = Arq();
        var call = new GroupedBind(Guid.NewGuid(), ProjectScope.All, null, [.. Bind(_arq).Bindings, .. Bind(other).Bindings]);
        Assert.Empty(Decide([call], Look([_arq, other], Handles(1))).Takings);
        Assert.Equal(2, Decide([call], Look([_arq, other], Handles(1, 2))).Takings.Count);
    }

    public static TheoryData<string> Reasons => ["done before", "not there", "another's", "bound", "image", "unknown profile", "no profile", "missing", "in error", "programming", "no provider",
        "no handle", "host work", "instance taken"];

    [Theory, MemberData(nameof(Reasons))]
    public void A_bind_that_is_not_plain_is_left_alone(string reason)
    {
        var arq = reason switch
        {
            "bound" => Arq(ArqState.Bound),
            "image" => Arq(group: 1),
            "unknown profile" => Arq(profile: 2),
            "no profile" => Arq(profile: null),
            _ => _arq,
        };
        var call = Bind(arq) with { Scope = reason == "another's" ? new ProjectScope(false, "other") : new ProjectScope(false, "owner") };
        var look = Look(reason == "not there" ? [] : [arq], reason == "no handle" ? [] : Handles(1)) with
        {
            InstanceArqs = reason == "instance taken" ? [(Guid.NewGuid(), call.Bindings[0].InstanceUuid)] : [],
            Providers = reason == "no provider"
                ? []
                : [new GroupedProvider(s_provider, reason == "missing", reason == "in error" ? DeviceState.Error : DeviceState.Ready, reason == "programming")],
        };
        if (reason == "host work")
            look = look with { Handles = [new GroupedHandle(s_provider, new FreeHandle(1, HostWork: true))] };
        var plan = GroupRules.Decide([call], look with { Claimed = reason == "done before" ? new HashSet<Guid>() : new HashSet<Guid> { call.CallId } }, Profile);
        Assert.Empty(plan.Done);
        Assert.Empty(plan.Takings);
    }

    [Fact]
    public void A_delete_takes_what_it_names_or_what_its_instance_has()
    {
        var (instance, bound) = (Guid.NewGuid(), Arq(ArqState.Bound));
        bound = bound with { Arq = bound.Arq with { InstanceUuid = instance } };
        var (byUuid, byInstance) = (Delete([_arq.Arq.Uuid]), Delete([], instance));
        var plan = GroupRules.Decide([byUuid, byInstance], Look([byUuid, byInstance], [_arq, bound]));
        Assert.Equal([byUuid, byInstance], plan.Done);
        Assert.Equal(new[] { _arq.Arq.Uuid, bound.Arq.Uuid }.Order(), plan.Arqs.Order());
    }

    [Fact]
    public void A_delete_of_what_is_bound_tied_missing_anothers_or_taken_is_left_alone()
    {
        var (bound, tied) = (Arq(ArqState.Bound), Arq());
        bound = bound with { Arq = bound.Arq with { InstanceUuid = Guid.NewGuid() } };
        GroupedDelete[] calls =
        [
            Delete([bound.Arq.Uuid]) with { AlsoBound = false },
            Delete([tied.Arq.Uuid]),
            Delete([_arq.Arq.Uuid, Guid.NewGuid()]),
            Delete([_arq.Arq.Uuid]) with { Scope = new ProjectScope(false, "other") },
            Delete([_arq.Arq.Uuid]),
            Delete([_arq.Arq.Uuid]),
        ];
        var plan = GroupRules.Decide(calls, Look(calls, [_arq, bound, tied]) with { Tied = new HashSet<Guid> { tied.Arq.Uuid } });
        Assert.Equal([calls[4]], plan.Done);
        Assert.Equal([_arq.Arq.Uuid], plan.Arqs);
    }

    private static BindPlan Decide(IReadOnlyList<GroupedBind> calls, BindLook look) =>
        GroupRules.Decide(calls, look with { Claimed = calls.Select(call => call.CallId).ToHashSet() }, Profile);

    private static KnownProfile? Profile(int id) => id == s_profile.Id ? s_profile : null;

    private static GroupedArq Arq(ArqState state = ArqState.Initial, int? profile = 1, int group = 0) =>
        new(new LockedArq(Guid.NewGuid(), state, null, profile, group, 3), "owner");

    private static GroupedBind Bind(GroupedArq arq, Guid? instance = null) =>
        new(Guid.NewGuid(), ProjectScope.All, "caller", [new ArqBinding(arq.Arq.Uuid, "host", s_provider, instance ?? Guid.NewGuid(), null)]);

    private static GroupedDelete Delete(IReadOnlyList<Guid> uuids, Guid? instance = null) => new(Guid.NewGuid(), "arq.delete", ProjectScope.All, uuids, instance, AlsoBound: true);

    private static IReadOnlyList<GroupedHandle> Handles(params int[] ids) => [.. ids.Select(id => new GroupedHandle(s_provider, new FreeHandle(id, HostWork: false)))];

    private static BindLook Look(IReadOnlyList<GroupedArq> arqs, IReadOnlyList<GroupedHandle> handles) =>
        new(new HashSet<Guid>(), arqs, [], [new GroupedProvider(s_provider, false, DeviceState.Ready, false)], handles);

    private static DeleteLook Look(IReadOnlyList<GroupedDelete> calls, IReadOnlyList<GroupedArq> arqs) =>
        new(calls.Select(call => call.CallId).ToHashSet(), arqs, new HashSet<Guid>());
}
