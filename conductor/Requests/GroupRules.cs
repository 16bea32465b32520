using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>What a group of binds comes to.</summary>
/// <param name="Done">Calls that are done with the commit.</param>
/// <param name="Takings">What is written for them.</param>
internal sealed record BindPlan(IReadOnlyList<GroupedBind> Done, IReadOnlyList<GroupedTaking> Takings);

/// <summary>What a group of deletes comes to.</summary>
/// <param name="Done">Calls that are done with the commit.</param>
/// <param name="Arqs">ARQs that go.</param>
internal sealed record DeletePlan(IReadOnlyList<GroupedDelete> Done, IReadOnlyList<Guid> Arqs);

/// <summary>Which calls of a group can be done together. Only those of the plain kind, where all is well: nothing asked for that is not there, no work on a host, no
/// image. What is to be said or done otherwise is decided where a call is done alone, so that it is decided in one place. Pure.</summary>
internal static class GroupRules
{
    /// <summary>The binds that can be done: each ARQ startable, its profile plain, its provider usable and with a free handle, its instance without others.</summary>
    public static BindPlan Decide(IReadOnlyList<GroupedBind> calls, BindLook look, Func<int, KnownProfile?> profile)
    {
        var arqs = look.Arqs.ToDictionary(row => row.Arq.Uuid);
        var others = look.InstanceArqs.ToLookup(pair => pair.Instance, pair => pair.Arq);
        var usable = look.Providers.Where(IsUsable).Select(provider => provider.RpUuid).ToHashSet();
        var free = look.Handles.GroupBy(row => row.RpUuid).ToDictionary(group => group.Key, group => new Queue<FreeHandle>(group.Select(row => row.Handle)));
        var taken = new HashSet<Guid>();
        var (done, takings) = (new List<GroupedBind>(), new List<GroupedTaking>());
        foreach (var call in calls)
        {
            var uuids = call.Bindings.Select(binding => binding.ArqUuid).ToHashSet();
            var fits = look.Claimed.Contains(call.CallId)
                && call.Bindings.All(binding => arqs.TryGetValue(binding.ArqUuid, out var row) && call.Scope.Sees(row.ProjectId) && IsPlain(row.Arq, profile))
                && call.Bindings.All(binding => usable.Contains(binding.DeviceRpUuid) && others[binding.InstanceUuid].All(uuids.Contains))
                && call.Bindings.CountBy(binding => binding.DeviceRpUuid).All(wanted => HasFree(free, wanted.Key, wanted.Value));
            // An earlier call of the group may have the ARQ or the instance: the later one is told so when it is done alone.
            if (!fits || call.Bindings.Any(binding => taken.Contains(binding.ArqUuid) || taken.Contains(binding.InstanceUuid)))
                continue;
            done.Add(call);
            foreach (var binding in call.Bindings)
            {
                takings.Add(new GroupedTaking(
                    binding, binding.ProjectId ?? call.CallersProject, free[binding.DeviceRpUuid].Dequeue().Id, arqs[binding.ArqUuid].Arq.Generation + 1));
            }
            taken.UnionWith(call.Bindings.SelectMany(binding => new[] { binding.ArqUuid, binding.InstanceUuid }));
        }
        return new BindPlan(done, takings);
    }

    /// <summary>The deletes that can be done: all is there that was named, may go, and leaves nothing to be undone but its row and its handle.</summary>
    public static DeletePlan Decide(IReadOnlyList<GroupedDelete> calls, DeleteLook look)
    {
        var arqs = look.Arqs.ToDictionary(row => row.Arq.Uuid);
        var ofInstances = look.Arqs.Where(row => row.Arq.InstanceUuid is not null).ToLookup(row => row.Arq.InstanceUuid!.Value);
        var gone = new HashSet<Guid>();
        var done = new List<GroupedDelete>();
        foreach (var call in calls)
        {
            List<GroupedArq> mine = call.Instance is { } instance
                ? [.. ofInstances[instance].Where(row => call.Scope.Sees(row.ProjectId))]
                : [.. call.Uuids.Select(arqs.GetValueOrDefault).OfType<GroupedArq>().Where(row => call.Scope.Sees(row.ProjectId))];
            var fits = look.Claimed.Contains(call.CallId)
                && (call.Instance is not null || mine.Count == call.Uuids.Count)
                && mine.All(row => ArqStates.Allows(row.Arq.State, ArqState.Deleting)
                    && (call.AlsoBound || row.Arq.InstanceUuid is null)
                    && !look.Tied.Contains(row.Arq.Uuid)
                    && !gone.Contains(row.Arq.Uuid));
            if (!fits)
                continue;
            done.Add(call);
            gone.UnionWith(mine.Select(row => row.Arq.Uuid));
        }
        return new DeletePlan(done, [.. gone]);
    }

    private static bool IsPlain(LockedArq arq, Func<int, KnownProfile?> profile) =>
        ArqStates.Allows(arq.State, ArqState.BindStarted)
        && arq.DeviceProfileId is { } id && profile(id) is { } known
        && known.Plain.ElementAtOrDefault(arq.DeviceProfileGroupId);

    private static bool IsUsable(GroupedProvider provider) => !provider.Missing && provider.DeviceState != DeviceState.Error && !provider.Programming;

    private static bool HasFree(Dictionary<Guid, Queue<FreeHandle>> free, Guid provider, int count) =>
        free.TryGetValue(provider, out var handles) && handles.Count >= count && handles.Take(count).All(handle => !handle.HostWork);
}
