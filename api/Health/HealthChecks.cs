using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Identity.Keystone;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Health;

/// <summary>The checks behind <c>[healthcheck] backends</c>.</summary>
internal static class HealthChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Adds those that are wanted to the checks of the process.</summary>
    public static void Register(HealthRegistry health, ApiOptions options, IBusTransport transport, Func<BusClient> bus, TimeProvider time)
    {
        foreach (var backend in options.Health.Backends)
        {
            if (backend == HealthSettings.Bus)
                health.Register(HealthSettings.Bus, () => transport.ConnectedFor is null ? "not connected" : null);
            else if (backend == HealthSettings.Conductor)
                health.Register(new DoctorCheck(HealthSettings.Conductor, stop => AskConductorAsync(bus(), stop)), time);
            else if (backend == HealthSettings.Keystone && options.AuthToken is { } authToken)
                health.Register(KeystoneChecks.LogIn(AuthTokenOptions.SectionName, authToken.Session, time), time);
        }
    }

    /// <summary>Asks for a device that cannot be there: a conductor has to look into its database for it.</summary>
    private static async Task<DoctorFinding> AskConductorAsync(BusClient bus, CancellationToken stop)
    {
        try
        {
            await bus.CallAsync(Verbs.ShowDevice, new ById(Guid.NewGuid()), new CallContext { TimeLeft = Patience }, cancellationToken: stop).ConfigureAwait(false);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DeviceNotFound)
        {
            // As it should be.
        }
        catch (FaultException fault)
        {
            return DoctorFinding.Failure(fault.Message, "Ask the doctor of the conductors.");
        }
        return DoctorFinding.Ok("a conductor answers");
    }
}
