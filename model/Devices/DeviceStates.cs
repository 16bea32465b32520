using System.Collections.Frozen;

namespace Cyborg.Model;

/// <summary>Where a device is in its life.</summary>
public enum DeviceState
{
    /// <summary>Known, not offered: first report, or disabled by an operator.</summary>
    Inactive,
    /// <summary>An operator wants it; the agent's driver has not installed it yet. The row is the job.</summary>
    Installing,
    /// <summary>Installed and offered.</summary>
    Ready,
    /// <summary>Its driver's install or health probe failed; the reason stands beside it.</summary>
    Error,
}

/// <summary>What can happen to a device.</summary>
public enum DeviceEvent
{
    /// <summary>An operator enables it (v2) or sets it ready (v1).</summary>
    Enable,
    /// <summary>An operator disables it.</summary>
    Disable,
    /// <summary>The agent's driver has installed it.</summary>
    Installed,
    /// <summary>The agent's driver could not install it.</summary>
    InstallFailed,
    /// <summary>The driver's health probe failed.</summary>
    ProbeFailed,
    /// <summary>The health probe was good often enough after a failure.</summary>
    ProbeRecovered,
}

/// <summary>The life of a device as data: the one place that says which event leads where.</summary>
public static class DeviceStates
{
    /// <summary>Every legal (state, event) pair with the state it leads to. A pair that is absent changes nothing.</summary>
    public static FrozenDictionary<(DeviceState From, DeviceEvent Event), DeviceState> Transitions { get; } =
        new Dictionary<(DeviceState, DeviceEvent), DeviceState>
        {
            [(DeviceState.Inactive, DeviceEvent.Enable)] = DeviceState.Installing,
            [(DeviceState.Error, DeviceEvent.Enable)] = DeviceState.Installing,
            [(DeviceState.Installing, DeviceEvent.Disable)] = DeviceState.Inactive,
            [(DeviceState.Ready, DeviceEvent.Disable)] = DeviceState.Inactive,
            [(DeviceState.Error, DeviceEvent.Disable)] = DeviceState.Inactive,
            [(DeviceState.Installing, DeviceEvent.Installed)] = DeviceState.Ready,
            [(DeviceState.Installing, DeviceEvent.InstallFailed)] = DeviceState.Error,
            [(DeviceState.Ready, DeviceEvent.ProbeFailed)] = DeviceState.Error,
            [(DeviceState.Error, DeviceEvent.ProbeRecovered)] = DeviceState.Ready,
        }.ToFrozenDictionary();

    /// <summary>The states in which <paramref name="happened"/> means something, for the WHERE of a conditional update.</summary>
    public static IReadOnlyList<DeviceState> From(DeviceEvent happened) =>
        [.. Transitions.Keys.Where(key => key.Event == happened).Select(key => key.From).Order()];

    /// <summary>The state that <paramref name="happened"/> leads to; each event leads to one state only.</summary>
    public static DeviceState To(DeviceEvent happened) =>
        Transitions.First(pair => pair.Key.Event == happened).Value;

    /// <summary>The state of a device at its first report under <c>[devices] initial_state</c>: <c>ready</c> means that it is
    /// treated as if an operator had enabled it at once, so that the driver's install still runs.</summary>
    public static DeviceState AtFirstReport(bool initiallyReady) => initiallyReady ? DeviceState.Installing : DeviceState.Inactive;

    /// <summary>The state's name in API v2.3: only a ready device is <c>enabled</c>.</summary>
    public static string V2Status(DeviceState state) => state == DeviceState.Ready ? "enabled" : "maintaining";
}
