using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Attachments;

/// <summary>Something that could be attached.</summary>
/// <param name="Accelerator">The accelerator, as it is shown.</param>
/// <param name="Deployables">Its deployables that are there.</param>
internal sealed record AttachCandidate(Accelerator Accelerator, IReadOnlyList<OfferedDeployable> Deployables)
{
    /// <summary>Something of it is free, and it is offered.</summary>
    public bool IsFree => Accelerator.State is AcceleratorState.Ready or AcceleratorState.Attaching && Deployables.Any(one => one.Free > 0);
}

/// <summary>Chooses what is attached. Pure.</summary>
internal static class AttachChoice
{
    /// <summary>The one group of a profile, if a single accelerator can fulfil it.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: it asks for several.</exception>
    public static ProfileGroup OneGroup(DeviceProfile profile)
    {
        var groups = ProfileGroup.ParseAll(profile.Groups);
        return groups is [{ RequestCount: 1 } group]
            ? group
            : throw AttachmentFaults.Invalid(
                $"Device profile {profile.Name} asks for {groups.Sum(one => one.RequestCount)} accelerators in {groups.Count} groups; what is attached is one.");
    }

    /// <summary>True if a deployable has what a group asks for.</summary>
    /// <param name="group">The group; it asks for one of one class.</param>
    /// <param name="attributes">The deployable's.</param>
    /// <param name="functionTrait">Trait of the function that it runs; null if none.</param>
    public static bool Fits(ProfileGroup group, IEnumerable<DeployableAttribute> attributes, string? functionTrait)
    {
        var (wanted, known) = (group.Resources.First(resource => resource.Value > 0).Key, attributes.ToList());
        HashSet<string> traits =
        [
            PlacementNames.OwnerTrait, .. known.Where(one => one.Key.StartsWith("trait", StringComparison.Ordinal)).Select(one => one.Value),
        ];
        if (functionTrait is not null)
            traits.Add(functionTrait);
        return known.Any(one => one.Key == "rc" && one.Value == wanted) && group.RequiredTraits.IsSubsetOf(traits) && !group.ForbiddenTraits.Overlaps(traits);
    }

    /// <summary>The first that is free and fits a profile.</summary>
    /// <param name="profile">Name of the profile.</param>
    /// <param name="candidates">All there are, each with those deployables alone that fit.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: there is none.</exception>
    public static AttachCandidate ByProfile(string profile, IReadOnlyList<AttachCandidate> candidates) =>
        candidates.FirstOrDefault(one => one.IsFree)
        ?? throw new FaultException(
            FaultCode.Conflict, candidates.Any(one => one.Deployables.Count > 0)
                ? $"No accelerator that fits device profile {profile} is free."
                : $"No accelerator fits device profile {profile}.");

    /// <summary>The only one that is free.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: there is none, or several are, which are named.</exception>
    public static AttachCandidate Only(IReadOnlyList<AttachCandidate> candidates)
    {
        List<AttachCandidate> free = [.. candidates.Where(one => one.IsFree)];
        if (free is [var only])
            return only;
        const int most = 10;
        throw new FaultException(FaultCode.Conflict, free.Count == 0
            ? "No accelerator is free."
            : $"{free.Count} accelerators are free; name one of them: {string.Join(", ", free.Take(most).Select(one => $"{one.Accelerator.Name} ({one.Accelerator.Uuid})"))}"
                + (free.Count > most ? ", ..." : "."));
    }
}
