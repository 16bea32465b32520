namespace Cyborg.Model;

/// <summary>What API v1 shows of an accelerator's life, by its name in lower case.</summary>
public enum AcceleratorState
{
    /// <summary>Its backend makes it; it has no device yet.</summary>
    Creating,
    /// <summary>Known, not offered.</summary>
    Inactive,
    /// <summary>An operator wants it; its driver has not installed it yet.</summary>
    Installing,
    /// <summary>Offered.</summary>
    Ready,
    /// <summary>An attachment is under way.</summary>
    Attaching,
    /// <summary>Installed, and nothing of it is free.</summary>
    Attached,
    /// <summary>It cannot be used; the reason stands beside it.</summary>
    Error,
    /// <summary>Its backend takes it away.</summary>
    Deleting,
}

/// <summary>Words that an accelerator's row has for a life without, or beside, its device's.</summary>
public static class AcceleratorPhases
{
    /// <summary>Ordered; its device is not there yet.</summary>
    public const string Creating = "creating";
    /// <summary>Could not be made.</summary>
    public const string Error = "error";
    /// <summary>To be taken away by its backend.</summary>
    public const string Deleting = "deleting";
}

/// <summary>What the state of an accelerator depends on.</summary>
/// <param name="Phase">From <see cref="AcceleratorPhases"/>; null if the device says it all.</param>
/// <param name="PhaseReason">Why the phase is an error.</param>
/// <param name="Device">State of its device; null if there is none.</param>
/// <param name="DeviceReason">Why the device is in error.</param>
public sealed record AcceleratorSituation(string? Phase, string? PhaseReason, DeviceState? Device, string? DeviceReason)
{
    /// <summary>True while the device has vanished from its host.</summary>
    public bool Missing { get; init; }
    /// <summary>Attach handles that the device has.</summary>
    public int Handles { get; init; }
    /// <summary>Those of them that are free.</summary>
    public int FreeHandles { get; init; }
    /// <summary>True while an attachment is under way.</summary>
    public bool Attaching { get; init; }
}

/// <summary>The state that API v1 shows. Pure.</summary>
public static class AcceleratorStates
{
    /// <summary>The state's word in API v1.</summary>
    public static string Word(AcceleratorState state) => state.ToString().ToLowerInvariant();

    /// <summary>The state, and the reason of an error.</summary>
    public static (AcceleratorState State, string? Reason) Of(AcceleratorSituation now) => (now.Phase, now.Device) switch
    {
        (AcceleratorPhases.Deleting, _) => (AcceleratorState.Deleting, null),
        (_, null) => now.Phase == AcceleratorPhases.Error ? (AcceleratorState.Error, now.PhaseReason) : (AcceleratorState.Creating, null),
        (_, _) when now.Missing => (AcceleratorState.Error, "The device is missing on its host."),
        (_, DeviceState.Error) => (AcceleratorState.Error, now.DeviceReason),
        (_, DeviceState.Inactive) => (AcceleratorState.Inactive, null),
        (_, DeviceState.Installing) => (AcceleratorState.Installing, null),
        _ when now.Attaching => (AcceleratorState.Attaching, null),
        _ => (now.Handles > 0 && now.FreeHandles == 0 ? AcceleratorState.Attached : AcceleratorState.Ready, null),
    };
}
