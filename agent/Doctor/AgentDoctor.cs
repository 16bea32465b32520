using Cyborg.Agent.Images;
using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Messaging;

namespace Cyborg.Agent.Doctor;

/// <summary>What an agent's doctor looks at.</summary>
public static class AgentDoctor
{
    /// <summary>Its checks; nothing is opened yet.</summary>
    /// <param name="config">The configuration, without faults.</param>
    /// <param name="openBus">Connects to the bus once.</param>
    public static IReadOnlyList<DoctorCheck> Checks(CyborgConfig config, Func<CancellationToken, Task<IBusTransport>> openBus)
    {
        var options = AgentOptions.From(config);
        var time = TimeProvider.System;
        var checks = new List<DoctorCheck> { HostNameCheck.Of(options, openBus), StateFolderCheck.Of(options.StateFolder) };
        if (options.Providers.Placement is { } placement)
        {
            checks.Add(KeystoneChecks.LogIn("placement", placement, time));
            checks.Add(KeystoneChecks.Clock(placement, time));
            checks.Add(PlacementRootCheck.Of(options.Providers.HostProvider, placement, time));
        }
        else
        {
            checks.Add(new DoctorCheck("Placement", _ => Task.FromResult(DoctorFinding.Warning(
                "[placement] has no log-in: this host's accelerators are not offered to Nova",
                "Write auth_type, auth_url, username, password, project_name and the domains into [placement], as for every service of the cloud."))));
        }
        checks.Add(options.Images.Glance is { } glance
            ? KeystoneChecks.Service("Glance", "glance", ImageOptions.ServiceType, glance, time)
            : new DoctorCheck("Glance", _ => Task.FromResult(DoctorFinding.Skipped("not in use: [glance] has no log-in; images come from [agent] image_path alone"))));
        checks.Add(IommuCheck.Of(options, config.Get(GenericOptions.SysfsRootOption)));
        checks.AddRange(options.EnabledDrivers.Distinct(StringComparer.Ordinal).Select(driver => DriverCheck.Of(driver, options, time)));
        return checks;
    }
}
