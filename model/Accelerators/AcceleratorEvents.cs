namespace Cyborg.Model;

/// <summary>What can happen to an accelerator, by the last word of the notification's subject, <c>cyborg.notification.accelerator.WORD</c>.</summary>
public static class AcceleratorEvents
{
    /// <summary>It was found, or its backend has made it.</summary>
    public const string Created = "created";
    /// <summary>It is gone.</summary>
    public const string Deleted = "deleted";
    /// <summary>Its spec has changed.</summary>
    public const string Updated = "updated";
    /// <summary>It is not offered.</summary>
    public const string Inactive = "inactive";
    /// <summary>Its driver is to install it.</summary>
    public const string Installing = "installing";
    /// <summary>It is offered.</summary>
    public const string Ready = "ready";
    /// <summary>It could not be made or installed, or is ill.</summary>
    public const string Error = "error";
    /// <summary>It was attached.</summary>
    public const string Attached = "attached";
    /// <summary>It was detached.</summary>
    public const string Detached = "detached";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Created, Deleted, Updated, Inactive, Installing, Ready, Error, Attached, Detached];

    /// <summary>What is told when a device comes into a state.</summary>
    public static string Of(DeviceState state) => state switch
    {
        DeviceState.Installing => Installing,
        DeviceState.Ready => Ready,
        DeviceState.Error => Error,
        _ => Inactive,
    };
}
