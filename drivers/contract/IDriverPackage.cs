namespace Cyborg.Drivers;

/// <summary>The entry point of a driver package: a driver that is not built into the agent, but installed on a host while the agent runs. The package's
/// manifest names the class that has this interface; it is public and has a constructor without parameters.</summary>
public interface IDriverPackage
{
    /// <summary>Makes the driver; called once for each time that the package is loaded. Its <see cref="IAcceleratorDriver.Name"/> is the package's id. A driver
    /// that is <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> is disposed of before its package is unloaded.</summary>
    /// <param name="setting">Where it runs, and what the operator has set.</param>
    /// <exception cref="DriverException">An option is missing or wrong; the text is for the operator.</exception>
    IAcceleratorDriver Create(DriverPackageSetting setting);
}

/// <summary>What a packaged driver gets to know when it is made.</summary>
public sealed record DriverPackageSetting
{
    /// <summary>The agent's host; begins the deployables' names.</summary>
    public required string Host { get; init; }

    /// <summary>A folder of the driver's own for what it must remember, which stays when its version changes; readable by the agent's user only.</summary>
    public required string StateFolder { get; init; }

    /// <summary>What the operator has set for this driver on this host, by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}
