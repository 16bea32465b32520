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

    // Twice: a machine that stood still for a moment is not to pass for a user without rights. Both fit into the time that a check has.
    private const int Times = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

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
            for (var time = 1; ; time++)
            {
                var finding = await AskAsync(client, target, host, stop);
                if (finding is not null || time == Times)
                    return finding ?? Silent(target, host);
            }
        }
        catch (BusConnectionException error)
        {
            return DoctorFinding.Failure(error.Message, "Look at [DEFAULT] transport_url and [nats], and whether nats-server runs there and knows this user.");
        }
    }

    private static Verb<Question, Question> Look(VerbTarget target) =>
        new(target, "doctor", "look", Mutating: false, BusCheckJson.Default.Question, BusCheckJson.Default.Question);

    private static DoctorFinding Silent(VerbTarget target, string host) => DoctorFinding.Failure(
        $"connected, but what is asked on {Look(target).Subject(host)} is not taken, or its answer does not come back", Rights);

    /// <summary>Null if nothing comes back in time.</summary>
    private static async Task<DoctorFinding?> AskAsync(BusClient client, VerbTarget target, string host, CancellationToken stop)
    {
        var verb = Look(target);
        try
        {
            await client.CallAsync(verb, new Question(), new CallContext { TimeLeft = Patience }, host, stop);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DeadlineExceeded)
        {
            return null;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.Unavailable)
        {
            return DoctorFinding.Failure("connected, and cut off again", Rights);
        }
        catch (FaultException)
        {
            // Nobody serves it: that word came over the bus, both ways.
        }
        return DoctorFinding.Ok($"connected; may ask on {verb.Subject(host)}, and is answered");
    }

    internal sealed record Question;
}

[JsonSerializable(typeof(BusCheck.Question))]
internal sealed partial class BusCheckJson : JsonSerializerContext;
