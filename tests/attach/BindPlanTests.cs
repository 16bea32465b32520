namespace Cyborg.Attach.Tests;

public sealed class BindPlanTests
{
    private static readonly string?[] Drivers = [null, "nvidia", "vfio-pci", "pci-stub"];

    private static IEnumerable<PciBinding> Bindings =>
        from driver in Drivers
        from only in Drivers
        select new PciBinding(driver, only);

    [Fact]
    public void A_plan_that_has_been_carried_out_leaves_nothing_to_do() =>
        Assert.All(
            from found in Bindings
            from target in new[] { PciTarget.Vfio, PciTarget.Own, PciTarget.Driver("pci-stub") }
            select (found, target),
            one =>
            {
                var (found, target) = one;
                var there = Apply(found, BindPlan.To(target, found));
                Assert.True(BindPlan.IsAt(target, there));
                Assert.Empty(BindPlan.To(target, there));
                Assert.Equal(found, Apply(there, BindPlan.Back(found, there)));
            });

    [Fact]
    public void From_any_state_the_way_back_leads_to_what_was_found() =>
        Assert.All(
            from found in Bindings
            from now in Bindings
            select (found, now),
            one => Assert.Equal(one.found, Apply(one.now, BindPlan.Back(one.found, one.now))));

    [Fact]
    public void Nothing_is_written_when_nothing_is_to_change()
    {
        Assert.Empty(BindPlan.To(PciTarget.Vfio, new PciBinding("vfio-pci", "vfio-pci")));
        Assert.Empty(BindPlan.To(PciTarget.Own, new PciBinding("nvidia", null)));
        Assert.Empty(BindPlan.Back(new PciBinding(null, "x"), new PciBinding(null, "x")));
    }

    // A kernel that binds whatever it is asked to, and whose choice is nvidia.
    private static PciBinding Apply(PciBinding now, IEnumerable<BindStep> steps)
    {
        foreach (var step in steps)
        {
            now = step.Verb switch
            {
                BindVerb.Override => now with { Override = step.Driver },
                BindVerb.Unbind => now.Driver is null ? throw new InvalidOperationException("there is nothing to unbind") : now with { Driver = null },
                BindVerb.Bind => now.Driver is not null ? throw new InvalidOperationException("it is bound") : now with { Driver = step.Driver },
                _ => now with { Driver = now.Driver ?? now.Override ?? "nvidia" },
            };
        }
        return now;
    }
}
