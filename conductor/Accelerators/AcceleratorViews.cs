using Cyborg.Conductor.Cache;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Joins accelerators with their devices. Pure.</summary>
/// <param name="inventory">Devices, read after the accelerators: one whose device is not among them is gone.</param>
/// <param name="attachments">Attachments, whosever, oldest first.</param>
/// <param name="scope">Whose attachments are shown; null for nobody's.</param>
internal sealed class AcceleratorViews(InventorySnapshot inventory, IReadOnlyList<Attachment> attachments, ProjectScope? scope = null)
{
    private readonly ILookup<Guid, Attachment> _attachments = attachments.ToLookup(attachment => attachment.Accelerator);

    private readonly ILookup<int, Deployable> _deployables = inventory.Deployables.ToLookup(deployable => deployable.DeviceId);

    /// <summary>True if it is to be shown at all.</summary>
    public bool IsThere(StoredAccelerator stored) => stored.DeviceId is null || inventory.FindDevice(stored.Accelerator.Uuid) is not null;

    /// <summary>Resource providers of an accelerator.</summary>
    public IReadOnlyList<Guid> Providers(StoredAccelerator stored) =>
        stored.DeviceId is { } device ? [.. _deployables[device].Select(deployable => deployable.RpUuid).OfType<Guid>()] : [];

    /// <summary>The accelerator with all that is known of it.</summary>
    /// <param name="stored">What its row says.</param>
    /// <param name="handles">Its device's handles; null for none.</param>
    public Accelerator Show(StoredAccelerator stored, HandleCount? handles)
    {
        var device = stored.DeviceId is null ? null : inventory.FindDevice(stored.Accelerator.Uuid);
        var (state, reason) = AcceleratorStates.Of(new AcceleratorSituation(
            stored.Phase, stored.Accelerator.StateReason, device?.State, device?.StateReason)
        {
            Missing = device?.Missing ?? false,
            Handles = handles?.All ?? 0,
            FreeHandles = handles?.Free ?? 0,
            Attaching = _attachments[stored.Accelerator.Uuid].Any(attachment => attachment.State == AttachmentState.Attaching),
        });
        return stored.Accelerator with
        {
            State = state,
            StateReason = reason,
            ResourceProviders = Providers(stored),
            Attachments = [.. _attachments[stored.Accelerator.Uuid].Where(attachment => scope?.Sees(attachment.ProjectId) == true)],
            UpdatedAt = Later(stored.Accelerator.UpdatedAt, device?.UpdatedAt),
        };
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
