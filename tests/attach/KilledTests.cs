namespace Cyborg.Attach.Tests;

/// <summary>The process is killed at every write to sysfs, before and after its effect. Whatever is called next leads to the end that it is for.</summary>
public sealed class KilledTests
{
    private const string Card = "0000:84:00.0";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string?, string?, bool> Hosts => new()
    {
        // What is found: driver, override; and whether it is to be bound to vfio-pci or to its own driver.
        { "nvidia", null, true },
        { null, null, true },
        { "nvidia", "nvidia", true },
        { "vfio-pci", "vfio-pci", true },
        { "vfio-pci", "vfio-pci", false },
        { null, null, false },
        { "nvidia", null, false },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Bind_again_after_being_killed_binds(string? driver, string? only, bool vfio)
    {
        for (var write = 0; ; write++)
        {
            foreach (var after in new[] { false, true })
            {
                using var kernel = Host(driver, only);
                var target = vfio ? PciTarget.Vfio : PciTarget.Own;
                if (!await IsKilledAsync(kernel, (write, after), binder => binder.BindAsync(Card, target, "a", Token)))
                    return;
                var bound = (await kernel.Binder().BindAsync(Card, target, "a", Token)).Binding;
                Assert.Equal(vfio ? new PciBinding("vfio-pci", "vfio-pci") : new PciBinding("nvidia", null), bound);
                Assert.Equal(new PciBinding(driver, only), (await kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Restore_after_being_killed_while_binding_puts_back_what_was_found(string? driver, string? only, bool vfio)
    {
        for (var write = 0; ; write++)
        {
            foreach (var after in new[] { false, true })
            {
                using var kernel = Host(driver, only);
                if (!await IsKilledAsync(kernel, (write, after), binder => binder.BindAsync(Card, vfio ? PciTarget.Vfio : PciTarget.Own, "a", Token)))
                    return;
                Assert.Equal(new PciBinding(driver, only), (await kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Restore_again_after_being_killed_while_restoring_puts_back_what_was_found(string? driver, string? only, bool vfio)
    {
        for (var write = 0; ; write++)
        {
            foreach (var after in new[] { false, true })
            {
                using var kernel = Host(driver, only);
                await kernel.Binder().BindAsync(Card, vfio ? PciTarget.Vfio : PciTarget.Own, "a", Token);
                kernel.Writes.Clear();
                if (!await IsKilledAsync(kernel, (write, after), binder => binder.RestoreAsync(Card, "a", Token)))
                    return;
                Assert.Equal(new PciBinding(driver, only), (await kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
                Assert.Empty(Directory.GetFiles(kernel.Notes, "*.json"));
                Assert.False((await kernel.Binder().RestoreAsync(Card, "a", Token)).Changed);
            }
        }
    }

    [Fact]
    public async Task A_note_that_was_half_written_is_none()
    {
        using var kernel = Host("nvidia", null);
        Directory.CreateDirectory(kernel.Notes);
        await File.WriteAllTextAsync(Path.Combine(kernel.Notes, $"{Card}.json.new"), "{\"Version\":", Token);
        await kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        Assert.Equal(new PciBinding("nvidia", null), (await kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
    }

    // The card's natural driver is nvidia, whatever it is bound to.
    private static PretendedKernel Host(string? driver, string? only)
    {
        var kernel = new PretendedKernel().WithDriver("vfio-pci", "nvidia").WithFunction(Card, "nvidia");
        var bus = Path.Combine(kernel.Sysfs, "bus/pci");
        kernel.Write(Path.Combine(bus, "devices", Card, "driver/unbind"), Card);
        kernel.Write(Path.Combine(bus, "devices", Card, "driver_override"), only ?? "\n");
        if (driver is not null)
            kernel.Write(Path.Combine(bus, "drivers_probe"), Card);
        kernel.Writes.Clear();
        return kernel;
    }

    /// <summary>False if the call ended before the write at which it was to die.</summary>
    private static async Task<bool> IsKilledAsync(PretendedKernel kernel, (int, bool) at, Func<PciBinder, Task> call)
    {
        kernel.KilledAt = at;
        try
        {
            await call(kernel.Binder());
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
        finally
        {
            kernel.KilledAt = null;
        }
    }
}
