namespace Cyborg.Attach;

/// <summary>How functions are bound.</summary>
public sealed record PciBinderOptions
{
    /// <summary>Where sysfs is; <c>/sys</c>.</summary>
    public string SysfsRoot { get; init; } = "/sys";

    /// <summary>Folder of the library's notes, one small file for each function that is bound: what it found there, and for whom. It must outlive the
    /// process, and is made when it is needed. All processes of a host that bind functions share it.</summary>
    public required string StateFolder { get; init; }

    /// <summary>A text that is another one after each start of the host; <c>/proc/sys/kernel/random/boot_id</c>. Notes of an earlier start are void: the
    /// kernel has bound everything anew.</summary>
    public string BootIdFile { get; init; } = "/proc/sys/kernel/random/boot_id";

    /// <summary>Refuse to give a function to user space where no IOMMU guards the host's memory from it; yes.</summary>
    public bool RequireIommu { get; init; } = true;

    /// <summary>How long to wait for another process that works on the function; 30 seconds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of that wait.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How a value is written to a file of sysfs; a test's kernel stands here.</summary>
    internal Action<string, string> Write { get; init; } = SysfsFunction.WriteFile;
}
