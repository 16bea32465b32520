using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

public sealed class RequestTests
{
    [Theory, EachDatabase]
    public async Task A_profile_makes_as_many_requests_as_its_groups_ask_for(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.CallAsync(Verbs.CreateProfile, new CreateProfile(null, "two-groups", "d",
        [
            new Dictionary<string, string?> { ["resources:FPGA"] = "2" },
            new Dictionary<string, string?> { ["trait:CUSTOM_X"] = "required" },
            new Dictionary<string, string?> { ["resources:CUSTOM_NIC"] = "1" },
        ]));

        var made = (await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("two-groups"))).Arqs;

        Assert.Equal([0, 0, 2], made.Select(arq => arq.DeviceProfileGroupId));
        Assert.All(made, arq => Assert.Equal((ArqState.Initial, TestConductor.Project), (arq.State, arq.ProjectId)));
        var listed = (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs;
        Assert.Equal(made, listed);
    }

    [Theory, EachDatabase]
    public async Task A_request_for_an_unknown_profile_is_not_found(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        Assert.Equal(FaultCode.DeviceProfileNotFound, await conductor.FaultAsync(Verbs.CreateArqs, new CreateArqs("none")));
    }

    [Theory, EachDatabase]
    public async Task A_bound_request_shows_its_handle_and_an_unbound_one_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync(2);
        var instance = Guid.NewGuid();

        await conductor.BindAsync(arqs, "card", instance);

        var bound = (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), instance))).Arqs;
        Assert.Equal(2, bound.DistinctBy(arq => arq.AttachHandleUuid).Count());
        Assert.All(bound, arq =>
        {
            Assert.Equal(ArqState.Bound, arq.State);
            Assert.Equal(("nova-host", instance, AttachHandleType.TEST_PCI), (arq.Hostname, arq.InstanceUuid, arq.AttachHandleType));
            Assert.StartsWith("""{"n": """, arq.AttachHandleInfo, StringComparison.Ordinal);
        });

        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), arqs));

        var unbound = await conductor.ShowAsync(arqs[0]);
        Assert.Equal(ArqState.Unbound, unbound.State);
        Assert.Null(unbound.Hostname);
        Assert.Null(unbound.InstanceUuid);
        Assert.Null(unbound.AttachHandleUuid);
        await conductor.BindAsync(arqs, "card");
        Assert.Equal(ArqState.Bound, (await conductor.ShowAsync(arqs[1])).State);
    }

    [Theory, EachDatabase]
    public async Task Bind_of_a_bound_request_conflicts(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync();
        await conductor.BindAsync(arqs, "card");
        Assert.Equal(FaultCode.ArqBadState, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(arqs, "card")));
    }

    [Theory, EachDatabase]
    public async Task A_bind_that_lacks_one_handle_binds_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync(3);

        Assert.Equal(FaultCode.NoFreeAttachHandle, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(arqs, "card")));

        Assert.All(await Task.WhenAll(arqs.Select(arq => conductor.ShowAsync(arq))), arq => Assert.Equal((ArqState.Initial, null), (arq.State, arq.Hostname)));
        await conductor.BindAsync(arqs.Take(2), "card");
    }

    [Theory, EachDatabase]
    public async Task A_bind_to_a_provider_that_nobody_has_is_not_found(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var arqs = await conductor.CreateAsync();
        Assert.Equal(FaultCode.ResourceProviderNotFound, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(arqs, "nowhere")));
        Assert.Equal(ArqState.Initial, (await conductor.ShowAsync(arqs[0])).State);
    }

    [Theory, EachDatabase]
    public async Task An_instance_that_has_requests_gets_no_more(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 4));
        var instance = Guid.NewGuid();
        await conductor.BindAsync(await conductor.CreateAsync(), "card", instance);
        var more = await conductor.CreateAsync(project: "p2");
        Assert.Equal(FaultCode.InstanceHasArqs, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(more, "card", instance, "p2"), "p2"));
    }

    [Theory, EachDatabase]
    public async Task Another_projects_request_is_not_found_whatever_is_done_to_it(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var arqs = await conductor.CreateAsync();
        foreach (var stranger in new[] { "p2", null })
        {
            var scope = TestConductor.Scope(stranger);
            Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.ShowArq, new ShowArq(scope, arqs[0]), stranger));
            Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(arqs, "card", null, stranger), stranger));
            Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.UnbindArqs, new UnbindArqs(scope, arqs), stranger));
            Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.DeleteArqs, new DeleteArqs(scope, arqs, true), stranger));
            Assert.Empty((await conductor.CallAsync(Verbs.ListArqs, new ListArqs(scope, null), stranger)).Arqs);
        }
        Assert.Equal(ArqState.Initial, (await conductor.ShowAsync(arqs[0])).State);
    }

    [Theory, EachDatabase]
    public async Task A_bound_request_is_deleted_for_a_service_only(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var arqs = await conductor.CreateAsync();
        await conductor.BindAsync(arqs, "card");
        Assert.Equal(FaultCode.ArqBoundToInstance, await conductor.FaultAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), arqs, false)));
        await conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), arqs, true));
        Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.ShowArq, new ShowArq(TestConductor.Scope("p1"), arqs[0])));
        await conductor.BindAsync(await conductor.CreateAsync(), "card");
    }

    [Theory, EachDatabase]
    public async Task Deleting_by_instance_twice_is_fine(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var instance = Guid.NewGuid();
        await conductor.BindAsync(await conductor.CreateAsync(2), "card", instance);
        var delete = new DeleteInstanceArqs(TestConductor.Scope("p1"), instance);
        await conductor.CallAsync(Verbs.DeleteInstanceArqs, delete);
        await conductor.CallAsync(Verbs.DeleteInstanceArqs, delete);
        Assert.Empty((await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs);
    }

    [Theory, EachDatabase]
    public async Task A_delete_that_lacks_one_request_deletes_none(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var arqs = await conductor.CreateAsync(2);
        Assert.Equal(FaultCode.ArqNotFound, await conductor.FaultAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [.. arqs, Guid.NewGuid()], true)));
        Assert.Equal(2, (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs.Count);
    }

    [Theory, EachDatabase]
    public async Task A_call_that_comes_twice_with_one_id_is_done_once(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var arqs = await conductor.CreateAsync();
        var profile = (await conductor.ShowAsync(arqs[0])).DeviceProfileName!;
        var id = Guid.NewGuid();

        var first = await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs(profile), idempotencyId: id);
        var second = await conductor.CallAsync(Verbs.CreateArqs, new CreateArqs(profile), idempotencyId: id);

        Assert.Equal(first.Arqs, second.Arqs);
        var bindId = Guid.NewGuid();
        var binding = TestConductor.Binding(arqs, "card");
        await conductor.CallAsync(Verbs.BindArqs, binding, idempotencyId: bindId);
        await conductor.CallAsync(Verbs.BindArqs, binding, idempotencyId: bindId);
        Assert.Equal(2, (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs.Count);
    }

    [Theory, EachDatabase]
    public async Task Many_binds_at_once_share_no_handle_and_leave_none_unused(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 20));
        var arqs = await conductor.CreateAsync(30);

        var outcomes = await Task.WhenAll(arqs.Select(async arq =>
        {
            try
            {
                await conductor.BindAsync([arq], "card");
                return (FaultCode?)null;
            }
            catch (FaultException fault)
            {
                return fault.Code;
            }
        }));

        Assert.Equal(20, outcomes.Count(outcome => outcome is null));
        Assert.Equal(10, outcomes.Count(outcome => outcome == FaultCode.NoFreeAttachHandle));
        var held = (await conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))).Arqs.Select(arq => arq.AttachHandleUuid).OfType<Guid>().ToList();
        Assert.Equal(20, held.Distinct().Count());
    }

    [Theory, EachDatabase]
    public async Task A_profile_with_requests_stays(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var arqs = await conductor.CreateAsync();
        var profile = new ShowProfile(null, (await conductor.ShowAsync(arqs[0])).DeviceProfileName);
        Assert.Equal(FaultCode.DeviceProfileInUse, await conductor.FaultAsync(Verbs.DeleteProfiles, new DeleteProfiles([profile])));
        await conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), arqs, false));
        await conductor.CallAsync(Verbs.DeleteProfiles, new DeleteProfiles([profile]));
        Assert.Equal(FaultCode.DeviceProfileNotFound, await conductor.FaultAsync(Verbs.ShowProfile, profile));
    }
}
