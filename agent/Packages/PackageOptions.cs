using Cyborg.Hosting;

namespace Cyborg.Agent.Packages;

/// <summary>Where drivers come from that are installed while the agent runs.</summary>
public sealed record PackageOptions
{
    /// <summary><c>[agent] driver_packages</c>.</summary>
    public static readonly Option<string?> SourceOption = Options.OptionalString(
        "agent", "driver_packages",
        "Folder in which the operator puts driver packages, ID-VERSION.tar.gz, and their options, ID.options.json; nothing can be installed without it. "
            + "An absolute path that only its owner can write to.");

    /// <summary><c>[agent] driver_path</c>.</summary>
    public static readonly Option<string?> PathOption = Options.OptionalString(
        "agent", "driver_path", "Folder in which installed driver packages are kept, ID/VERSION; packages in the agent's state folder by default. An absolute path.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [SourceOption, PathOption];

    /// <summary>Where packages are taken from; null if none are.</summary>
    public string? Source { get; init; }

    /// <summary>Where installed ones are kept; null for <c>packages</c> in the agent's folder.</summary>
    public string? Path { get; init; }

    /// <summary>Reads and checks them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="faults">Gets what is wrong, one line each.</param>
    public static PackageOptions Read(CyborgConfig config, List<string> faults)
    {
        foreach (var option in new[] { SourceOption, PathOption })
        {
            if (config.Get(option) is { } path && !System.IO.Path.IsPathRooted(path))
                faults.Add($"{config.Place(option)}: '{path}' is no absolute path");
        }
        return new PackageOptions { Source = config.Get(SourceOption), Path = config.Get(PathOption) };
    }
}
