using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Identity.Keystone;
using Cyborg.Messaging;

namespace Cyborg.Api.Doctor;

/// <summary>What the API's doctor looks at.</summary>
public static class ApiDoctor
{
    /// <summary>Its checks; nothing is opened yet.</summary>
    /// <param name="config">The configuration, without faults.</param>
    /// <param name="openBus">Connects to the bus once.</param>
    public static IReadOnlyList<DoctorCheck> Checks(CyborgConfig config, Func<CancellationToken, Task<IBusTransport>> openBus)
    {
        var options = ApiOptions.From(config);
        var checks = new List<DoctorCheck> { ConductorCheck.Of(openBus) };
        if (options.AuthToken is { } authToken)
        {
            checks.Add(KeystoneChecks.LogIn(AuthTokenOptions.SectionName, authToken.Session, TimeProvider.System));
            checks.Add(KeystoneChecks.Clock(authToken.Session, TimeProvider.System));
        }
        else
        {
            checks.Add(new DoctorCheck("Keystone", _ => Task.FromResult(DoctorFinding.Skipped($"not in use: [api] auth_strategy is {ApiOptions.NoAuth}"))));
        }
        checks.Add(PolicyCheck.Of(options.Policy));
        if (options.CertFile is { } file)
            checks.Add(CertificateCheck.Of(file, TimeProvider.System));
        return checks;
    }
}
