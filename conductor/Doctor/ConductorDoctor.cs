using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Placement;
using Cyborg.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Doctor;

/// <summary>What a conductor's doctor looks at.</summary>
public static class ConductorDoctor
{
    /// <summary>Reads the options as a conductor does at its start, the database's URL included.</summary>
    /// <exception cref="ConfigException">They cannot be used.</exception>
    public static void Judge(CyborgConfig config)
    {
        var faults = new List<string>();
        try
        {
            ConductorOptions.From(config);
        }
        catch (ConfigException error)
        {
            faults.AddRange(error.Faults);
        }
        try
        {
            // Opening connects to nothing.
            _ = CyborgDatabase.Open(config.Get(SharedOptions.ConnectionOption), NullLoggerFactory.Instance, TimeProvider.System).DisposeAsync().AsTask();
        }
        catch (DatabaseUrlException error)
        {
            faults.Add($"{config.Place(SharedOptions.ConnectionOption)}: {error.Message}");
        }
        if (faults.Count > 0)
            throw new ConfigException(faults);
    }

    /// <summary>Its checks; nothing is opened yet.</summary>
    /// <param name="config">The configuration, without faults.</param>
    public static IReadOnlyList<DoctorCheck> Checks(CyborgConfig config)
    {
        var options = ConductorOptions.From(config);
        var time = TimeProvider.System;
        var checks = new List<DoctorCheck>
        {
            DatabaseCheck.Of(options.Connection, time), DatabaseClockCheck.Of(options.Connection, time), HostsCheck.Of(options.Connection, options.LeaseTimeout, time),
        };
        if ((options.Nova.Login ?? options.Placement) is { } login)
        {
            checks.Add(KeystoneChecks.LogIn(options.Nova.Login is null ? "placement" : "nova", login, time));
            checks.Add(KeystoneChecks.Clock(login, time));
        }
        checks.Add(Nova(options.Nova, time));
        checks.Add(options.Placement is { } placement
            ? KeystoneChecks.Service("Placement", "placement", PlacementClient.ServiceType, placement, time)
            : Missing("Placement", "placement", "the inventory of a host whose agent has died stays offered"));
        return checks;
    }

    private static DoctorCheck Nova(NovaOptions nova, TimeProvider time) =>
        nova.Login is { } login ? KeystoneChecks.Service("Nova", "nova", NovaOptions.ServiceType, login, time)
        : nova.Endpoint is { } endpoint ? new DoctorCheck("Nova", _ => Task.FromResult(DoctorFinding.Skipped($"told at {endpoint}, without Keystone")))
        : Missing("Nova", "nova", "Nova is not told how binds end, and waits for each in vain");

    private static DoctorCheck Missing(string name, string section, string consequence) => new(name, _ => Task.FromResult(DoctorFinding.Warning(
        $"[{section}] has no log-in: {consequence}",
        $"Write auth_type, auth_url, username, password, project_name and the domains into [{section}], as for every service of the cloud.")));
}
