namespace Cyborg.Attach;

/// <summary>What one write to sysfs does.</summary>
internal enum BindVerb
{
    /// <summary>Sets <c>driver_override</c>.</summary>
    Override,
    /// <summary>Takes the function from its driver.</summary>
    Unbind,
    /// <summary>Gives it to a driver by name.</summary>
    Bind,
    /// <summary>Lets the kernel choose.</summary>
    Probe,
}

/// <summary>One write to sysfs.</summary>
/// <param name="Verb">What it does.</param>
/// <param name="Driver">Name of a driver, where the verb takes one; an override of null lets the kernel choose.</param>
internal readonly record struct BindStep(BindVerb Verb, string? Driver = null);

/// <summary>Which writes lead from one binding to another; pure. Every prefix of a plan may have been done: a new plan from what is then there leads to the same
/// end.</summary>
internal static class BindPlan
{
    /// <summary>To the driver of an attachment.</summary>
    public static IReadOnlyList<BindStep> To(PciTarget target, PciBinding now)
    {
        var steps = new List<BindStep>();
        if (now.Override != target.Name)
            steps.Add(new BindStep(BindVerb.Override, target.Name));
        if (IsAt(target, now))
            return steps;
        if (now.Driver is not null)
            steps.Add(new BindStep(BindVerb.Unbind));
        // With the override the kernel's choice is the target; asked by name, it says why not if it refuses.
        steps.Add(target.Name is { } name ? new BindStep(BindVerb.Bind, name) : new BindStep(BindVerb.Probe));
        return steps;
    }

    /// <summary>Back to what was found.</summary>
    public static IReadOnlyList<BindStep> Back(PciBinding found, PciBinding now)
    {
        var steps = new List<BindStep>();
        if (now.Driver is not null && now.Driver != found.Driver)
            steps.Add(new BindStep(BindVerb.Unbind));
        // While the function has no driver, so that none is ever bound against an override that does not want it.
        if (now.Override != found.Override)
            steps.Add(new BindStep(BindVerb.Override, found.Override));
        if (found.Driver is { } driver && now.Driver != driver)
            steps.Add(new BindStep(BindVerb.Bind, driver));
        return steps;
    }

    /// <summary>True if the function is bound as the target wants it. Its own driver is any that is not there to give devices away.</summary>
    public static bool IsAt(PciTarget target, PciBinding now) =>
        target.Name is { } name ? now.Driver == name : now.Driver is { } driver && !IsPlaceholder(driver);

    /// <summary>Drivers that only keep a function for somebody else.</summary>
    public static bool IsPlaceholder(string driver) =>
        driver.StartsWith("vfio", StringComparison.Ordinal) || driver is "pci-stub" or "uio_pci_generic" or "igb_uio" or "pciback";

    /// <summary>Drivers that may have other functions of an IOMMU group while one is given to user space: they leave the devices' memory accesses to whoever
    /// has the group (Linux: <c>driver_managed_dma</c>).</summary>
    public static bool MayShareGroup(string? driver) =>
        driver is null or "pcieport" or "pci-stub" || driver.StartsWith("vfio", StringComparison.Ordinal);
}
