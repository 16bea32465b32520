using Cyborg.Model;

namespace Cyborg.Conductor.Inventory;

/// <summary>What has to change so that the rows of a host say what its drivers found. Made by <see cref="InventoryDiff"/>, carried out by
/// <see cref="InventoryChanges"/>.</summary>
internal sealed record InventoryPlan
{
    /// <summary>Devices that are new, with all that hangs on them.</summary>
    public List<(string Driver, DriverDevice Device)> AddDevices { get; } = [];

    /// <summary>Devices whose facts changed, or that are back after they were missing.</summary>
    public List<(int Id, DriverDevice Facts)> UpdateDevices { get; } = [];

    /// <summary>Devices that are gone: their rows go, or they are marked missing while something holds them.</summary>
    public List<int> VanishedDevices { get; } = [];

    /// <summary>Deployables that are new on a known device.</summary>
    public List<(int DeviceId, int ControlPathId, DriverDeployable Deployable)> AddDeployables { get; } = [];

    /// <summary>Deployables whose own facts changed, or that are back after they were missing.</summary>
    public List<(int Id, int NumAccelerators, string? DriverName)> UpdateDeployables { get; } = [];

    /// <summary>Deployables that are gone, those of vanished devices included.</summary>
    public List<int> VanishedDeployables { get; } = [];

    /// <summary>Attributes that are new on a known deployable.</summary>
    public List<(int DeployableId, DriverAttribute Attribute)> AddAttributes { get; } = [];

    /// <summary>Attributes with another value.</summary>
    public List<(int Id, string Value)> UpdateAttributes { get; } = [];

    /// <summary>Attributes that are gone.</summary>
    public List<int> RemoveAttributes { get; } = [];

    /// <summary>Handles that are new on a known deployable.</summary>
    public List<(int DeployableId, int ControlPathId, DriverAttachHandle Handle)> AddHandles { get; } = [];

    /// <summary>Handles that need work on the host and did not, or the reverse: written once they are free.</summary>
    public List<(int Id, bool HostWork)> UpdateHandles { get; } = [];

    /// <summary>Handles that are gone, those of vanished deployables included: deleted if free, else marked missing.</summary>
    public List<int> VanishedHandles { get; } = [];

    /// <summary>Handles that are back after they were missing.</summary>
    public List<int> ReturnedHandles { get; } = [];

    /// <summary>What was left out of the report, and why; one line each.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>True if there is nothing to do.</summary>
    public bool IsEmpty =>
        AddDevices.Count + UpdateDevices.Count + VanishedDevices.Count + AddDeployables.Count + UpdateDeployables.Count
        + VanishedDeployables.Count + AddAttributes.Count + UpdateAttributes.Count + RemoveAttributes.Count + AddHandles.Count
        + UpdateHandles.Count + VanishedHandles.Count + ReturnedHandles.Count == 0;
}
