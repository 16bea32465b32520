using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Profiles;

/// <summary>What can be wrong with the name of a device profile, in upstream's words.</summary>
internal static class ProfileFaults
{
    public static FaultException NotFound(string name) => new(FaultCode.DeviceProfileNotFound, $"Device Profile not found with name={name}");

    public static FaultException NotFound(ShowProfile wanted) =>
        wanted.Name is { } name
            ? NotFound(name)
            : new FaultException(FaultCode.DeviceProfileNotFound, $"Device Profile not found with uuid={wanted.Uuid}");
}
