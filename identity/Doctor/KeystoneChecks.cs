using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Session;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Identity.Doctor;

/// <summary>Checks of the doctor that ask Keystone, or another service with a log-in to it.</summary>
public static class KeystoneChecks
{
    /// <summary>A clock that differs more makes tokens expire early or late.</summary>
    private static readonly TimeSpan SkewToTell = TimeSpan.FromSeconds(30);

    /// <summary>Whether Keystone takes a section's log-in.</summary>
    /// <param name="section">The section, for messages: <c>keystone_authtoken</c>.</param>
    /// <param name="options">Its log-in.</param>
    /// <param name="time">The clock of time-outs.</param>
    public static DoctorCheck LogIn(string section, KeystoneSessionOptions options, TimeProvider time) => new("Keystone", async stop =>
    {
        using var session = Open(options, time);
        try
        {
            using var answer = await session.SendToTokensAsync(new ServiceRequest(HttpMethod.Get, "") { IsIdempotent = false }, stop).ConfigureAwait(false);
            return DoctorFinding.Ok($"{options.AuthUrl.GetLeftPart(UriPartial.Path)} takes the log-in of [{section}]");
        }
        catch (ServiceCallException fault)
        {
            return Fault(section, options, fault);
        }
    })
    {
        WhenSilent = Reach(options),
    };

    /// <summary>Whether another service is found in the catalog and answers.</summary>
    /// <param name="name">The service, for people: <c>Nova</c>.</param>
    /// <param name="section">The section, for messages.</param>
    /// <param name="serviceType">Its type in the catalog.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="time">The clock of time-outs.</param>
    public static DoctorCheck Service(string name, string section, string serviceType, KeystoneSessionOptions options, TimeProvider time) => new(name, async stop =>
    {
        using var session = Open(options, time);
        try
        {
            using var answer = await session.SendAsync(serviceType, new ServiceRequest(HttpMethod.Get, "/") { IsIdempotent = false }, stop).ConfigureAwait(false);
            var (status, address) = ((int)answer.StatusCode, answer.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path));
            return status switch
            {
                < 400 or 404 => DoctorFinding.Ok($"{address} answers"),
                401 or 403 => DoctorFinding.Failure($"{address} answers {status}", $"Give the user of [{section}] the role that the service asks for (service, or admin)."),
                _ => DoctorFinding.Failure($"{address} answers {status}", "Look into that service's own log."),
            };
        }
        catch (ServiceCallException fault)
        {
            return Fault(section, options, fault);
        }
    })
    {
        WhenSilent = Reach(options),
    };

    /// <summary>How far this machine's clock is from Keystone's, by the date that its answers bear.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">This machine's clock.</param>
    public static DoctorCheck Clock(KeystoneSessionOptions options, TimeProvider time) => new("clock (Keystone)", async stop =>
    {
        using var transport = new ServiceTransport(Patient(options), NullLogger.Instance, time);
        try
        {
            var before = time.GetUtcNow();
            using var answer = await transport.SendAsync(
                options.AuthUrl, new ServiceRequest(HttpMethod.Get, "") { IsIdempotent = false }, null, stop).ConfigureAwait(false);
            return answer.Headers.Date is { } date
                ? Skew(Difference(date.AddSeconds(0.5), before, time.GetUtcNow()), "Keystone's")
                : DoctorFinding.Skipped("Keystone's answer bears no date");
        }
        catch (ServiceCallException)
        {
            return DoctorFinding.Skipped("Keystone does not answer");
        }
    });

    /// <summary>Judges a clock's difference.</summary>
    /// <param name="difference">The other's time without ours.</param>
    /// <param name="whose">The other: <c>the database's</c>.</param>
    public static DoctorFinding Skew(TimeSpan difference, string whose)
    {
        var text = FormattableString.Invariant($"this machine's clock is {difference.Duration().TotalSeconds:0.0} s {(difference > TimeSpan.Zero ? "behind" : "before")} {whose}");
        return difference.Duration() < SkewToTell
            ? DoctorFinding.Ok(difference.Duration() < TimeSpan.FromSeconds(2) ? $"this machine's clock and {whose} agree" : text)
            : DoctorFinding.Warning(text, "Have both follow the same time servers (chronyc tracking, timedatectl).");
    }

    /// <summary>How far a clock that was read between two moments is before ours.</summary>
    /// <param name="read">What it said.</param>
    /// <param name="before">Our clock before.</param>
    /// <param name="after">Our clock after.</param>
    public static TimeSpan Difference(DateTimeOffset read, DateTimeOffset before, DateTimeOffset after) =>
        read < before ? read - before : read > after ? read - after : TimeSpan.Zero;

    private static KeystoneSession Open(KeystoneSessionOptions options, TimeProvider time) => new(Patient(options), NullLoggerFactory.Instance, time);

    // A person waits: what does not work at once is told at once.
    private static KeystoneSessionOptions Patient(KeystoneSessionOptions options) => options with { Retries = 0, StatusRetries = 0 };

    private static DoctorFinding Fault(string section, KeystoneSessionOptions options, ServiceCallException fault) => DoctorFinding.Failure(
        fault.Message,
        fault.Failure switch
        {
            ServiceCallFailure.Refused => $"Compare user, password, project and their domains in [{section}] with Keystone's (openstack user show, role assignment list).",
            ServiceCallFailure.NoEndpoint => $"Look at openstack catalog list, and at region_name, valid_interfaces and endpoint_override in [{section}].",
            _ => Reach(options),
        });

    private static string Reach(KeystoneSessionOptions options) =>
        $"Look whether {options.AuthUrl.GetLeftPart(UriPartial.Authority)} and the service behind it run and can be reached from here (curl).";
}
