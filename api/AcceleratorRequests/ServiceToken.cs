using Cyborg.Model;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary>What only Nova may do, on a user's behalf and proven by its service token.</summary>
internal static class ServiceToken
{
    /// <summary>Refuses everybody else.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.ServiceTokenRequired"/>.</exception>
    public static void Require(Caller caller)
    {
        if (!caller.IsService)
        {
            throw new FaultException(
                FaultCode.ServiceTokenRequired, "This operation requires a service token. Use the Compute API to manage instance accelerators.");
        }
    }
}
