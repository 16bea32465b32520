using Cyborg.Hosting.Doctor;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Api.Doctor;

/// <summary>Whether a conductor answers what the API asks: it is asked for a device that cannot be there, and has to look into its database for it.</summary>
internal static class ConductorCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static DoctorCheck Of(Func<CancellationToken, Task<IBusTransport>> openBus) => new("conductor", async stop =>
    {
        try
        {
            await using var bus = await openBus(stop);
            await using var client = new BusClient(bus, new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
            return await AskAsync(client, stop);
        }
        catch (BusConnectionException)
        {
            return DoctorFinding.Skipped("not asked: there is no way to the bus");
        }
    });

    private static async Task<DoctorFinding> AskAsync(BusClient client, CancellationToken stop)
    {
        try
        {
            await client.CallAsync(Verbs.ShowDevice, new ById(Guid.NewGuid()), new CallContext { TimeLeft = Patience }, cancellationToken: stop);
            return DoctorFinding.Ok("a conductor answers");
        }
        catch (FaultException fault)
        {
            return fault.Code switch
            {
                FaultCode.DeviceNotFound => DoctorFinding.Ok("a conductor answers, and reads its database"),
                FaultCode.NoResponder => DoctorFinding.Failure(
                    "no conductor listens on the bus", "Start cyborg-conductor; if it runs, ask its doctor: one that cannot reach its database does not listen."),
                _ => DoctorFinding.Failure($"a conductor does not serve: {fault.Message}", "Ask the doctor of the conductors (cyborg-conductor doctor), and look into their log."),
            };
        }
    }
}
