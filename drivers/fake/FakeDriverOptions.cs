namespace Cyborg.Drivers.Fake;

/// <summary>An operation that the fake driver can be told to fail.</summary>
public enum FakeOperation
{
    /// <summary>Discovery throws.</summary>
    Discover,
    /// <summary>Install fails.</summary>
    Install,
    /// <summary>Uninstall fails.</summary>
    Uninstall,
    /// <summary>Programming fails.</summary>
    Program,
    /// <summary>Attaching a handle fails.</summary>
    Attach,
    /// <summary>Detaching a handle fails.</summary>
    Detach,
    /// <summary>The health probe fails.</summary>
    Probe,
}

/// <summary>What the fake driver pretends.</summary>
public sealed record FakeDriverOptions
{
    /// <summary>Most devices.</summary>
    public const int MaxDevices = 1000;
    /// <summary>Most attach handles of one device: the functions of a PCI bus without the device's own.</summary>
    public const int MaxHandles = 255;

    /// <summary>The agent's host; part of the deployables' names.</summary>
    public required string Host { get; init; }
    /// <summary>Devices, 0 to <see cref="MaxDevices"/>; 1.</summary>
    public int Devices { get; init; } = 1;
    /// <summary>Attach handles of each device, 1 to <see cref="MaxHandles"/>; 16, as upstream.</summary>
    public int Handles { get; init; } = 16;
    /// <summary>The handles need work on the host: the agent attaches and detaches them; no.</summary>
    public bool HostWork { get; init; }
    /// <summary>Folder of the pretended hardware's own state, an absolute path: one file for each attached handle, named by
    /// <see cref="FakeDriver.AttachFile"/>, with the ARQ's uuid in it. Null keeps it in memory, where a restart loses it.</summary>
    public string? AttachPath { get; init; }
    /// <summary>How long each operation takes; no time.</summary>
    public TimeSpan Delay { get; init; }
    /// <summary>Operations that fail, after their delay; none.</summary>
    public IReadOnlyList<FakeOperation> Fail { get; init; } = [];
}
