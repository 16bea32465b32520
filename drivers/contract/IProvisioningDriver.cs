using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>A driver that makes accelerators, and does not only find them. What it makes is a device of its next discovery.</summary>
public interface IProvisioningDriver : IAcceleratorDriver
{
    /// <summary>Backends on which accelerators can be made, the default one first; by default all that the driver has.</summary>
    IReadOnlyList<string> ProvisioningBackends => [.. DriverServices.BackendsOf(this).Select(backend => backend.Name)];

    /// <summary>Makes an accelerator on a backend. A second call with the same uuid changes nothing and gives the same answer, whatever else it asks for;
    /// a name that another accelerator of the backend has fails. A failed call leaves nothing behind.</summary>
    /// <param name="backend">Name of the backend; null for the driver's default.</param>
    /// <param name="order">What to make.</param>
    /// <param name="cancellationToken">Ends it before it has begun to change anything.</param>
    Task<DriverCreation> CreateAsync(string? backend, AcceleratorOrder order, CancellationToken cancellationToken);

    /// <summary>Changes what an accelerator is and can do. A second call changes nothing. Fails for one that the driver has only found, unless it can
    /// change such ones, too.</summary>
    Task<DriverOutcome> UpdateAsync(DriverControlPath device, AcceleratorSpec spec, CancellationToken cancellationToken);

    /// <summary>Undoes <see cref="CreateAsync"/>; a second call changes nothing. Fails for an accelerator that the driver has only found.</summary>
    Task<DriverOutcome> DeleteAsync(DriverControlPath device, CancellationToken cancellationToken);
}

/// <summary>An accelerator to be made.</summary>
/// <param name="Uuid">Its identity; the driver keeps it.</param>
/// <param name="Name">Its name, 1 to 255 characters, unique on its backend.</param>
/// <param name="Spec">What it is to be.</param>
public sealed record AcceleratorOrder(Guid Uuid, string Name, AcceleratorSpec Spec);

/// <summary>How making an accelerator ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Device">The device that it is; null if it was not made.</param>
public sealed record DriverCreation(DriverOutcome Outcome, DriverControlPath? Device)
{
    /// <summary>It was made, or was there.</summary>
    public static DriverCreation Done(DriverControlPath device) => new(DriverOutcome.Done, device);

    /// <summary>The driver tried and failed.</summary>
    public static DriverCreation Failed(string reason) => new(DriverOutcome.Failed(reason), null);

    /// <summary>The driver cannot do this at all.</summary>
    public static DriverCreation NotSupported(string reason) => new(DriverOutcome.NotSupported(reason), null);
}
