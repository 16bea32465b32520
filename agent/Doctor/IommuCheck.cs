using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Mdev;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Hosting.Doctor;

namespace Cyborg.Agent.Doctor;

/// <summary>Whether the kernel shows what the enabled drivers hand out: devices, IOMMU groups, mediated devices.</summary>
internal static class IommuCheck
{
    public static DoctorCheck Of(AgentOptions options, string sysfs) => new("IOMMU and sysfs", _ => Task.FromResult(Look(options, sysfs)));

    private static DoctorFinding Look(AgentOptions options, string sysfs)
    {
        var backends = options.EnabledDrivers.Contains(GenericDriver.EntryName) ? options.Generic.Backends : [];
        var wantsPci = backends.OfType<PciBackendOptions>().Any(backend => backend.Specs.Count > 0);
        var wantsMdev = backends.OfType<MdevBackendOptions>().Any(backend => backend.Types.Count > 0);
        if (!wantsPci && !wantsMdev)
            return DoctorFinding.Skipped("no enabled driver hands out devices of this machine");
        if (!Directory.Exists(Path.Combine(sysfs, "bus", "pci")))
            return DoctorFinding.Failure($"{sysfs} shows no PCI bus", "Look at [generic] sysfs_root, and whether the agent runs in a container without /sys.");
        if (wantsPci && !HasEntries(Path.Combine(sysfs, "kernel", "iommu_groups")))
        {
            return DoctorFinding.Failure(
                "the kernel has no IOMMU groups: no device can be handed to a virtual machine",
                "Turn on VT-d or AMD-Vi in the firmware, and boot the kernel with intel_iommu=on (AMD: on by itself) and iommu=pt.");
        }
        if (wantsMdev && !HasEntries(Path.Combine(sysfs, "class", "mdev_bus")))
        {
            return DoctorFinding.Failure(
                "the kernel has no parent of mediated devices", "Load the vendor's host driver (nvidia-vgpu, i915 with gvt, ...) and look at lsmod and dmesg.");
        }
        return DoctorFinding.Ok(wantsMdev ? "the kernel shows what the drivers need, mediated devices included" : "the kernel has IOMMU groups");
    }

    private static bool HasEntries(string folder) => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
}
