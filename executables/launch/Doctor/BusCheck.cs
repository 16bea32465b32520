using System.Text.Json.Serialization;
using Cyborg.Hosting.Doctor;
using Cyborg.Messaging;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Executables;

/// <summary>Whether the bus takes this service's user, and lets it do what its service does: it asks for something that nobody serves, where the service may
/// ask, and gets the answer in its own inbox.</summary>
internal static class BusCheck
{
    private const string Rights = "Give the user of [DEFAULT] transport_url the rights of its service: the sample of nats-server.conf has them, for each kind of service.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>The check.</summary>
    /// <param name="target">Where the service asks.</param>
    /// <param name="host">The host, for what is asked of or about one.</param>
    /// <param name="open">Connects once.</param>
    public static DoctorCheck Of(VerbTarget target, string host, Func<CancellationToken, Task<IBusTransport>> open) => new("bus", stop => LookAsync(target, host, open, stop))
    {
        WhenSilent = "Look whether nats-server runs where [DEFAULT] transport_url says, and whether a firewall is between.",
    };

    private static async Task<DoctorFinding> LookAsync(
        VerbTarget target, string host, Func<CancellationToken, Task<IBusTransport>> open, CancellationToken stop)
    {
        try
        {
            await using var bus = await open(stop);
            await using var client = new BusClient(bus, new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
            return await AskAsync(client, target, host, stop);
        }
        catch (BusConnectionException error)
        {
            return DoctorFinding.Failure(error.Message, "Look at [DEFAULT] transport_url and [nats], and whether nats-server runs there and knows this user.");
        }
    }

    private static async Task<DoctorFinding> AskAsync(BusClient client, VerbTarget target, string host, CancellationToken stop)
    {
        var verb = new Verb<Question, Question>(target, "doctor", "look", Mutating: false, BusCheckJson.Default.Question, BusCheckJson.Default.Question);
        var subject = verb.Subject(host);
        try
        {
            await client.CallAsync(verb, new Question(), new CallContext { TimeLeft = Patience }, host, stop);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DeadlineExceeded)
        {
            return DoctorFinding.Failure($"connected, but what is asked on {subject} is not taken, or its answer does not come back", Rights);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.Unavailable)
        {
            return DoctorFinding.Failure("connected, and cut off again", Rights);
        }
        catch (FaultException)
        {
            // Nobody serves it: that word came over the bus, both ways.
        }
        return DoctorFinding.Ok($"connected; may ask on {subject}, and is answered");
    }

    internal sealed record Question;
}

[JsonSerializable(typeof(BusCheck.Question))]
internal sealed partial class BusCheckJson : JsonSerializerContext;
