namespace Cyborg.Attach;

/// <summary>Why a function was not bound. Names and numbers never change their meaning.</summary>
public enum PciBindError
{
    /// <summary>The text is no PCI address of the form <c>0000:84:00.0</c>.</summary>
    BadAddress = 1,
    /// <summary>There is no such function.</summary>
    NotFound = 2,
    /// <summary>The function is a bridge: what is behind it would be lost.</summary>
    Bridge = 3,
    /// <summary>The kernel has no such driver; its module is not loaded.</summary>
    NoDriver = 4,
    /// <summary>The host has no IOMMU for the function, and one is required.</summary>
    NoIommu = 5,
    /// <summary>Another function of the IOMMU group is used by a driver of the host.</summary>
    GroupInUse = 6,
    /// <summary>The function is attached for another holder, or to another target.</summary>
    Held = 7,
    /// <summary>The kernel refused a step; what was found has been put back.</summary>
    Refused = 8,
    /// <summary>The kernel refused a step, and also to put back what was found: repeat the call, or look at the host.</summary>
    HalfDone = 9,
    /// <summary>Another process works on the function for too long.</summary>
    Busy = 10,
    /// <summary>The library's notes cannot be read or written; nothing was changed.</summary>
    State = 11,
    /// <summary>sysfs cannot be read.</summary>
    Unreadable = 12,
    /// <summary>The function has virtual functions, which would vanish with its driver.</summary>
    HasVirtualFunctions = 13,
}

/// <summary>A function was not bound; the text is one sentence for an operator, without secrets.</summary>
public sealed class PciBindException : Exception
{
    /// <summary>Makes it.</summary>
    public PciBindException(PciBindError error, string message, Exception? cause = null) : base(message, cause) => Error = error;

    /// <summary>What it is.</summary>
    public PciBindError Error { get; }
}
