namespace Cyborg.Drivers;

/// <summary>The contract between an agent and its drivers: this assembly.</summary>
public static class DriverContract
{
    /// <summary>Version of <see cref="IAcceleratorDriver"/>, of the optional interfaces beside it, and of what they take and give. It rises with every
    /// change that an existing driver would notice; a new optional interface is none. An agent loads a package whose manifest names this very version.</summary>
    public const int Version = 1;
}
