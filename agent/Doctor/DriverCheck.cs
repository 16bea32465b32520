using Cyborg.Drivers;
using Cyborg.Hosting.Doctor;

namespace Cyborg.Agent.Doctor;

/// <summary>Whether an enabled driver can be made, and finds devices.</summary>
internal static class DriverCheck
{
    public static DoctorCheck Of(string name, AgentOptions options, TimeProvider time) => new($"driver {name}", async stop =>
    {
        try
        {
            var driver = options.Catalog(time).Create([name])[0];
            return Judge(await driver.DiscoverAsync(stop).ConfigureAwait(false));
        }
        catch (DriverException error)
        {
            return DoctorFinding.Failure($"it cannot find its devices: {error.Message}", "Look at the driver's options; doc/drivers.md says what each needs of the machine.");
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            return DoctorFinding.Failure($"it broke ({error.GetType().Name})", "Tell its developers; the agent's log has the details.");
        }
    })
    {
        WhenSilent = "Look whether the hardware or its kernel driver hangs (dmesg); [agent] discovery_timeout bounds it in the service.",
    };

    private static DoctorFinding Judge(DriverFindings found)
    {
        var handles = found.Devices.Sum(device => device.Deployables.Sum(deployable => deployable.AttachHandles.Count));
        var text = $"{found.Devices.Count} devices, {handles} attach handles";
        if (found.Problems.Count > 0)
        {
            return DoctorFinding.Warning(
                $"{text}; left out: {found.Problems[0]}" + (found.Problems.Count > 1 ? $" and {found.Problems.Count - 1} more" : ""),
                "Correct what is said of the device; it is offered from the next look on.");
        }
        return found.Devices.Count == 0
            ? DoctorFinding.Warning("it finds no devices", "If this host has some, look at the driver's options and at lspci -nn; if not, take it out of [agent] enabled_drivers.")
            : DoctorFinding.Ok(text);
    }
}
