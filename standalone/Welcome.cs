using System.Globalization;
using System.Text;
using Cyborg.Model;

namespace Cyborg.Standalone;

/// <summary>What a person sees after a start: what was found, and what to try.</summary>
internal static class Welcome
{
    public static string Text(Uri address, string dataFolder, IReadOnlyList<DriverDiscovery> found)
    {
        var api = new Uri(address, "v2").ToString();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Cyborg answers on {address.ToString().TrimEnd('/')} and keeps its data in {dataFolder}.").AppendLine();
        text.AppendLine("Found on this machine:");
        foreach (var driver in found)
            Describe(text, driver);
        text.AppendLine().AppendLine("Try:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  curl -s {api}/devices");
        text.AppendLine(CultureInfo.InvariantCulture, $"  curl -s {api}/deployables");
        text.AppendLine(CultureInfo.InvariantCulture, $"  curl -s -X POST {api}/device_profiles -H 'Content-Type: application/json' -d '[{{\"name\": \"my-fpga\", \"groups\": [{{\"resources:FPGA\": \"1\"}}]}}]'");
        text.AppendLine().Append("The README has the whole life of an accelerator request. Ctrl-C stops.");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, DriverDiscovery driver)
    {
        if (driver.Devices is null)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {driver.Driver}: its discovery failed, the log says why");
        else if (driver.Devices.Count == 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {driver.Driver}: nothing");
        foreach (var device in driver.Devices ?? [])
        {
            var handles = device.Deployables.Sum(deployable => deployable.AttachHandles.Count);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {driver.Driver}: {device.Type} {device.Vendor} {device.Model}, {string.Join(", ", device.Deployables.Select(deployable => deployable.Name))}, {handles} to hand out");
        }
    }
}
