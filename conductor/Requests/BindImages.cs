using Cyborg.Conductor.Deployables;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>What an ARQ that is bound wants its deployable to run.</summary>
/// <param name="Wish">The image; null for whatever it runs.</param>
/// <param name="Programmed">True if the deployable has to be programmed first.</param>
internal readonly record struct BindImage(ImageWish? Wish, bool Programmed);

/// <summary>The part of a bind that is about images: what is wanted, whether it can be had, and the order to program. Logic is never changed under
/// another's guest: that is refused before anything is written.</summary>
internal static class BindImages
{
    /// <summary>What each ARQ wants; null for those that take the deployable as it is. One statement.</summary>
    /// <exception cref="FaultException">A device profile asks for an image in a way that nobody understands.</exception>
    public static async Task<IReadOnlyDictionary<Guid, ImageWish?>> WishesAsync(Session session, IReadOnlyList<LockedArq> arqs)
    {
        List<int> profiles = [.. arqs.Select(arq => arq.DeviceProfileId).OfType<int>().Distinct()];
        var groups = profiles.Count == 0 ? null : await ProfileStore.GroupsAsync(session, profiles);
        return arqs.ToDictionary(
            arq => arq.Uuid, arq => arq.DeviceProfileId is { } profile ? ImageWish.Of(ProfileGroup.Parse(groups![profile][arq.DeviceProfileGroupId])) : null);
    }

    /// <summary>Decides for each deployable, and orders its programming where that is needed. No statement where no image is wanted.</summary>
    /// <param name="session">The transaction; the deployables are locked.</param>
    /// <param name="wanted">The ARQs by deployable.</param>
    /// <param name="wishes">What they want.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: an image cannot be had now.</exception>
    public static async Task<IReadOnlyDictionary<Guid, BindImage>> DecideAsync(
        Session session, ILookup<ProviderDeployable, LockedArq> wanted, IReadOnlyDictionary<Guid, ImageWish?> wishes)
    {
        var holders = wishes.Values.All(wish => wish is null) ? null : await ProgramStore.HoldersAsync(session, [.. wanted.Select(group => group.Key.Id)]);
        var images = new Dictionary<Guid, BindImage>();
        foreach (var group in wanted.OrderBy(group => group.Key.Id))
        {
            var wish = OneWish(group.Key, group.Select(arq => wishes[arq.Uuid]));
            var decision = wish is null
                ? ProgramRules.ForPlainBind(group.Key.Programming)
                : ProgramRules.ForBind(group.Key.Programming, holders![group.Key.Id], wish);
            if (decision.Step == ProgramStep.Refuse)
                throw new FaultException(FaultCode.Conflict, $"Deployable {group.Key.Name} {decision.Reason}.");
            if (decision.Step == ProgramStep.Order)
                await ProgramStore.OrderAsync(session, [group.Key.Id], wish!, call: null);
            var programmed = decision.Step != ProgramStep.Ready;
            foreach (var arq in group)
                images.Add(arq.Uuid, new BindImage(programmed ? wish : wishes[arq.Uuid], programmed));
        }
        return images;
    }

    /// <summary>The one image that ARQs of one deployable want; those without a wish take what the others want.</summary>
    private static ImageWish? OneWish(ProviderDeployable deployable, IEnumerable<ImageWish?> wishes)
    {
        List<ImageWish> different = [.. wishes.OfType<ImageWish>().Distinct()];
        return different.Count <= 1
            ? different.FirstOrDefault()
            : throw new FaultException(FaultCode.Conflict, $"Deployable {deployable.Name} can run {different[0]} or {different[1]}, not both.");
    }
}
