namespace Cyborg.Model;

/// <summary>What went wrong, in the domain's words. The names cross the bus as text and are never reused for another meaning;
/// which HTTP status each becomes is decided once, in the API.</summary>
public enum FaultCode
{
    /// <summary>Something broke inside; the cause is in the log of the process where it happened.</summary>
    Internal,
    /// <summary>A value is malformed or out of bounds.</summary>
    InvalidInput,
    /// <summary>No such device.</summary>
    DeviceNotFound,
    /// <summary>No such deployable.</summary>
    DeployableNotFound,
    /// <summary>No such attribute.</summary>
    AttributeNotFound,
    /// <summary>No such device profile.</summary>
    DeviceProfileNotFound,
    /// <summary>No such ARQ, or another project's.</summary>
    ArqNotFound,
    /// <summary>No deployable has this resource provider.</summary>
    ResourceProviderNotFound,
    /// <summary>The deployable has no free attach handle.</summary>
    NoFreeAttachHandle,
    /// <summary>The device has vanished or is in error.</summary>
    DeviceUnusable,
    /// <summary>A device profile of this name exists.</summary>
    DeviceProfileNameExists,
    /// <summary>A device profile of this uuid exists.</summary>
    DeviceProfileUuidExists,
    /// <summary>ARQs refer to the device profile.</summary>
    DeviceProfileInUse,
    /// <summary>The ARQ's state does not allow this.</summary>
    ArqBadState,
    /// <summary>The instance has ARQs already.</summary>
    InstanceHasArqs,
    /// <summary>The ARQ is bound and the caller is no service.</summary>
    ArqBoundToInstance,
    /// <summary>The call needs a service token.</summary>
    ServiceTokenRequired,
    /// <summary>The driver cannot do this.</summary>
    NotSupportedByDriver,
    /// <summary>The driver tried and failed.</summary>
    DriverFailed,
    /// <summary>The image to program does not exist.</summary>
    ImageNotFound,
    /// <summary>The image to program is there and cannot be used: not active, too large, not what its checksum says, or one of several.</summary>
    ImageUnusable,
    /// <summary>A command for an agent came too late: the agent was restarted since, or has a newer one for the same handle.</summary>
    StaleCommand,
    /// <summary>The object changed or is in use by another call.</summary>
    Conflict,
    /// <summary>No such accelerator.</summary>
    AcceleratorNotFound,
    /// <summary>An accelerator of this name exists.</summary>
    AcceleratorNameExists,
    /// <summary>An accelerator or device of this uuid exists.</summary>
    AcceleratorUuidExists,
    /// <summary>No backend can make the accelerator, or several could and nobody says which.</summary>
    NoBackend,
    /// <summary>A backend tried and failed.</summary>
    BackendFailed,
    /// <summary>Begun, not ended within the time: it goes on, and a GET shows how it ends.</summary>
    StillGoingOn,
    /// <summary>No host has such a driver, or no host can install it.</summary>
    DriverNotFound,
    /// <summary>A driver package is there and cannot be used: not what its manifest says, or it makes no driver.</summary>
    PackageUnusable,
    /// <summary>Bus: nobody serves this call.</summary>
    NoResponder,
    /// <summary>Bus: the server has as much work as it takes.</summary>
    Busy,
    /// <summary>Bus: no answer within the deadline; whether it was done is unknown.</summary>
    DeadlineExceeded,
    /// <summary>Bus: a message is over the size limit.</summary>
    MessageTooLarge,
    /// <summary>Bus: a part of a message was lost or a peer speaks another contract.</summary>
    ProtocolError,
    /// <summary>The service cannot reach something it needs (the database, for example).</summary>
    Unavailable,
}

/// <summary>An intended error: its text is meant for the caller and crosses the bus. Any other exception is logged where it happened and
/// becomes <see cref="FaultCode.Internal"/> without its text.</summary>
public sealed class FaultException : Exception
{
    /// <summary>Makes a fault with its code and the text for the caller.</summary>
    public FaultException(FaultCode code, string message) : base(message) => Code = code;

    /// <summary>Makes a fault with its code, the text for the caller, and a cause for the log.</summary>
    public FaultException(FaultCode code, string message, Exception? cause) : base(message, cause) => Code = code;

    /// <summary>What went wrong.</summary>
    public FaultCode Code { get; }
}
