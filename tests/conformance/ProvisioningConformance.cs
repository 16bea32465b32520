using Cyborg.Model;

namespace Cyborg.Drivers.Conformance;

/// <summary>What a driver promises that makes accelerators (<see cref="IProvisioningDriver"/>).</summary>
public abstract class ProvisioningConformance(DriverBench bench) : DriverSuite(bench)
{
    private static readonly AcceleratorSpec Spec = new()
    {
        Remote = true,
        Num = 2,
        DeviceType = "CRYPTO",
        Capability = """{"num":2,"ipsec":{"aes":{"3des":50,"num":1}}}""",
    };

    private IProvisioningDriver Driver() => Assert.IsAssignableFrom<IProvisioningDriver>(Bench.Create());

    [Fact]
    public async Task What_is_made_is_found_with_what_was_asked_for_and_survives_a_restart()
    {
        var order = Order("IPSec Card");
        var made = await Driver().CreateAsync(null, order, Token);
        Worked(made.Outcome);
        var device = Assert.Single((await Bench.Create().DiscoverAsync(Token)).Devices, device => device.ControlPath == made.Device);
        var deployable = Assert.Single(device.Deployables);
        Assert.Null(DeviceRules.Fault(device));
        Assert.Equal(Spec, AcceleratorAttributes.Read(deployable));
        Assert.Contains(new DriverAttribute(AcceleratorAttributes.Name, "IPSec Card"), deployable.Attributes);
        Assert.Contains(new DriverAttribute(AcceleratorAttributes.Uuid, order.Uuid.ToString()), deployable.Attributes);
        Assert.Equal(2, deployable.AttachHandles.Count);
        Worked(await Bench.Create().InstallAsync(made.Device!, Token));
    }

    [Fact]
    public async Task Making_it_again_gives_the_same_one()
    {
        var order = Order("a");
        var made = await Driver().CreateAsync(null, order, Token);
        var found = Bytes(await Bench.Create().DiscoverAsync(Token));
        Assert.Equal(made, await Driver().CreateAsync(null, order, Token));
        Assert.Equal(made, await Driver().CreateAsync(null, order with { Name = "b" }, Token));
        Assert.Equal(found, Bytes(await Bench.Create().DiscoverAsync(Token)));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_leaves_nothing_behind()
    {
        var driver = Driver();
        Worked((await driver.CreateAsync(null, Order("a"), Token)).Outcome);
        var found = Bytes(await driver.DiscoverAsync(Token));
        DidNotWork((await driver.CreateAsync(null, Order("a"), Token)).Outcome);
        Assert.Equal(found, Bytes(await driver.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task Of_many_that_want_one_name_at_once_one_gets_it()
    {
        var driver = Driver();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => driver.CreateAsync(null, Order("a"), Token)));
        Assert.Single(made, one => one.Outcome.Worked);
    }

    [Fact]
    public async Task An_order_that_cannot_be_met_is_refused_and_leaves_nothing_behind()
    {
        var driver = Driver();
        var found = Bytes(await driver.DiscoverAsync(Token));
        foreach (var order in new[]
        {
            Order(""), Order(new string('n', 256)), Order("a") with { Spec = Spec with { Num = 0 } }, Order("a") with { Spec = Spec with { Capability = "[]" } },
            Order("a") with { Spec = Spec with { Capability = "{" } }, Order("a") with { Spec = Spec with { DeviceType = "" } },
        })
        {
            var refused = await driver.CreateAsync(null, order, Token);
            DidNotWork(refused.Outcome);
            Assert.Null(refused.Device);
        }
        DidNotWork((await driver.CreateAsync("no-such-backend", Order("a"), Token)).Outcome);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.CreateAsync(null, Order("a"), Cancelled));
        Assert.Equal(found, Bytes(await driver.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task What_was_made_can_be_changed()
    {
        var made = await Driver().CreateAsync(null, Order("a"), Token);
        var spec = Spec with { Num = 5, Remote = false, DeviceType = null, Capability = "{}" };
        Worked(await Driver().UpdateAsync(made.Device!, spec, Token));
        Worked(await Driver().UpdateAsync(made.Device!, spec, Token));
        var device = Assert.Single((await Bench.Create().DiscoverAsync(Token)).Devices, device => device.ControlPath == made.Device);
        Assert.Equal(spec, AcceleratorAttributes.Read(device.Deployables[0]));
        DidNotWork(await Driver().UpdateAsync(made.Device!, spec with { Num = -1 }, Token));
        DidNotWork(await Driver().UpdateAsync(Bench.Absent, spec, Token));
    }

    [Fact]
    public async Task What_was_made_can_be_deleted_and_made_again_and_what_was_found_cannot()
    {
        var found = await Bench.Create().DiscoverAsync(Token);
        var order = Order("a");
        var made = await Driver().CreateAsync(null, order, Token);
        Worked(await Driver().DeleteAsync(made.Device!, Token));
        Worked(await Driver().DeleteAsync(made.Device!, Token));
        Assert.Equal(Bytes(found), Bytes(await Bench.Create().DiscoverAsync(Token)));
        Assert.Equal(made, await Driver().CreateAsync(null, order, Token));
        Worked(await Driver().DeleteAsync(made.Device!, Token));
        foreach (var device in found.Devices)
        {
            DidNotWork(await Driver().DeleteAsync(device.ControlPath, Token));
            DidNotWork(await Driver().UpdateAsync(device.ControlPath, Spec, Token));
        }
        Assert.Equal(Bytes(found), Bytes(await Bench.Create().DiscoverAsync(Token)));
    }

    private static AcceleratorOrder Order(string name) => new(Guid.NewGuid(), name, Spec);
}
