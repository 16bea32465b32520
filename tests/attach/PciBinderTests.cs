namespace Cyborg.Attach.Tests;

public sealed class PciBinderTests : IDisposable
{
    private const string Card = "0000:84:00.0";

    private readonly PretendedKernel _kernel = new PretendedKernel().WithDriver("vfio-pci", "nvidia", "snd_hda_intel", "pcieport");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public async Task A_function_is_bound_to_vfio_and_given_back_to_its_driver()
    {
        _kernel.WithFunction(Card, "nvidia");
        var binder = _kernel.Binder();
        var bound = await binder.BindAsync(Card, PciTarget.Vfio, "arq-1", Token);
        Assert.Equal(new PciBindResult(new PciBinding("vfio-pci", "vfio-pci"), Changed: true), bound);
        Assert.Equal(
            [
                $"devices/{Card}/driver_override <- vfio-pci",
                $"devices/{Card}/driver/unbind <- {Card}",
                $"drivers/vfio-pci/bind <- {Card}",
            ],
            _kernel.Writes);
        Assert.Equal(new PciBindResult(new PciBinding("nvidia", null), Changed: true), await binder.RestoreAsync(Card, "arq-1", Token));
        Assert.Empty(Directory.GetFiles(_kernel.Notes, "*.json"));
    }

    [Fact]
    public async Task A_second_call_writes_nothing()
    {
        _kernel.WithFunction(Card, "nvidia");
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "arq-1", Token);
        var writes = _kernel.Writes.Count;
        Assert.False((await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "arq-1", Token)).Changed);
        Assert.Equal(writes, _kernel.Writes.Count);
        await _kernel.Binder().RestoreAsync(Card, "arq-1", Token);
        writes = _kernel.Writes.Count;
        Assert.False((await _kernel.Binder().RestoreAsync(Card, "arq-1", Token)).Changed);
        Assert.Equal(writes, _kernel.Writes.Count);
    }

    [Fact]
    public async Task Putting_back_what_was_never_bound_changes_nothing()
    {
        _kernel.WithFunction(Card, "nvidia");
        Assert.Equal(new PciBindResult(new PciBinding("nvidia", null), Changed: false), await _kernel.Binder().RestoreAsync(Card, "arq-1", Token));
        Assert.Empty(_kernel.Writes);
    }

    [Fact]
    public async Task A_function_without_a_driver_has_none_afterwards()
    {
        _kernel.WithFunction(Card, null);
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        Assert.Equal(new PciBinding(null, null), (await _kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
    }

    [Fact]
    public async Task An_operators_own_vfio_binding_is_put_back()
    {
        _kernel.WithFunction(Card, null);
        _kernel.Set(Card, "driver_override", "vfio-pci");
        _kernel.Write(Path.Combine(_kernel.Sysfs, "bus/pci/drivers_probe"), Card);
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        Assert.Equal(new PciBinding("vfio-pci", "vfio-pci"), (await _kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
    }

    [Fact]
    public async Task A_function_that_was_kept_for_guests_gets_its_own_driver_and_goes_back()
    {
        _kernel.WithFunction(Card, "nvidia");
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "boot", Token);
        Directory.Delete(_kernel.Notes, recursive: true);
        Assert.Equal(new PciBinding("nvidia", null), (await _kernel.Binder().BindAsync(Card, PciTarget.Own, "a", Token)).Binding);
        Assert.Equal(new PciBinding("vfio-pci", "vfio-pci"), (await _kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
    }

    [Fact]
    public async Task A_function_that_no_driver_wants_cannot_get_its_own()
    {
        _kernel.WithFunction(Card, null);
        var error = await FailsAsync(PciBindError.Refused, () => _kernel.Binder().BindAsync(Card, PciTarget.Own, "a", Token));
        Assert.Equal($"{Card} was not bound to its own driver: the kernel has no driver for it.", error.Message);
        Assert.Empty(Directory.GetFiles(_kernel.Notes, "*.json"));
    }

    [Fact]
    public async Task Functions_of_the_group_that_the_host_uses_are_named()
    {
        _kernel.WithFunction(Card, "nvidia").WithFunction("0000:84:00.1", "snd_hda_intel").WithFunction("0000:80:02.0", "pcieport", classCode: "0x060400")
            .WithFunction("0000:84:00.2", null).WithFunction("0000:85:00.0", "nvidia", group: 8);
        var error = await FailsAsync(PciBindError.GroupInUse, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Equal($"{Card} is in IOMMU group 7 together with 0000:84:00.1 (snd_hda_intel), which the host uses.", error.Message);
        Assert.Empty(_kernel.Writes);
        await _kernel.Binder().BindAsync("0000:84:00.1", PciTarget.Own, "a", Token);
        await FailsAsync(PciBindError.GroupInUse, () => _kernel.Binder().BindAsync("0000:84:00.1", PciTarget.Vfio, "b", Token), PciBindError.Held);
    }

    [Fact]
    public async Task A_whole_group_can_be_bound_one_by_one_once_its_others_are_free()
    {
        _kernel.WithFunction(Card, null).WithFunction("0000:84:00.1", null);
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        await _kernel.Binder().BindAsync("0000:84:00.1", PciTarget.Vfio, "a", Token);
    }

    [Fact]
    public async Task Without_an_iommu_nothing_is_given_to_user_space_unless_it_is_allowed()
    {
        _kernel.WithFunction(Card, "nvidia", group: null);
        await FailsAsync(PciBindError.NoIommu, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Empty(_kernel.Writes);
        var lax = _kernel.Binder(options => options with { RequireIommu = false });
        Assert.Equal("vfio-pci", (await lax.BindAsync(Card, PciTarget.Vfio, "a", Token)).Binding?.Driver);
    }

    [Fact]
    public async Task Bridges_missing_functions_and_missing_drivers_are_refused()
    {
        _kernel.WithFunction("0000:80:02.0", "pcieport", classCode: "0x060400").WithFunction(Card, "nvidia");
        await FailsAsync(PciBindError.Bridge, () => _kernel.Binder().BindAsync("0000:80:02.0", PciTarget.Vfio, "a", Token));
        await FailsAsync(PciBindError.NotFound, () => _kernel.Binder().BindAsync("0000:ff:00.0", PciTarget.Vfio, "a", Token));
        await FailsAsync(PciBindError.NoDriver, () => _kernel.Binder().BindAsync(Card, PciTarget.Driver("uio_pci_generic"), "a", Token));
        _kernel.Set(Card, "sriov_numvfs", "4");
        await FailsAsync(PciBindError.HasVirtualFunctions, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Empty(_kernel.Writes);
        Assert.Throws<PciBindException>(() => _kernel.Binder().Look("0000:ff:00.0"));
        Assert.Equal(new PciBinding("nvidia", null), _kernel.Binder().Look(Card));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../etc/passwd")]
    [InlineData("0000:84:00.8")]
    [InlineData("0000:84:20.0")]
    [InlineData("0000:84:00.0\n")]
    [InlineData("84:00.0")]
    public async Task What_is_no_address_never_becomes_a_path(string address)
    {
        await FailsAsync(PciBindError.BadAddress, () => _kernel.Binder().BindAsync(address, PciTarget.Vfio, "a", Token));
        await FailsAsync(PciBindError.BadAddress, () => _kernel.Binder().RestoreAsync(address, "a", Token));
    }

    [Theory]
    [InlineData("../vfio-pci")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    public void What_is_no_driver_never_becomes_a_path(string name) => Assert.Throws<ArgumentException>(() => PciTarget.Driver(name));

    [Fact]
    public async Task Another_holder_and_another_target_are_refused()
    {
        _kernel.WithFunction(Card, "nvidia");
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "arq-1", Token);
        var error = await FailsAsync(PciBindError.Held, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "arq-2", Token));
        Assert.Equal($"{Card} is attached for arq-1, to vfio-pci.", error.Message);
        await FailsAsync(PciBindError.Held, () => _kernel.Binder().RestoreAsync(Card, "arq-2", Token));
        await FailsAsync(PciBindError.Held, () => _kernel.Binder().BindAsync(Card, PciTarget.Own, "arq-1", Token));
        Assert.Equal("vfio-pci", _kernel.Binder().Look(Card).Driver);
    }

    [Theory]
    [InlineData("driver_override")]
    [InlineData("unbind")]
    [InlineData("vfio-pci/bind")]
    public async Task When_the_kernel_refuses_a_step_everything_is_as_it_was(string step)
    {
        _kernel.WithFunction(Card, "nvidia");
        _kernel.Refuses = (path, value) => path.EndsWith(step, StringComparison.Ordinal) && value is not "\n" && !path.Contains("nvidia/bind", StringComparison.Ordinal);
        var error = await FailsAsync(PciBindError.Refused, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Equal($"{Card} was not bound to vfio-pci: Device or resource busy.", error.Message);
        Assert.Equal(new PciBinding("nvidia", null), _kernel.Binder().Look(Card));
        Assert.Empty(Directory.GetFiles(_kernel.Notes, "*.json"));
    }

    [Fact]
    public async Task What_cannot_be_put_back_is_told_and_a_later_call_does_it()
    {
        _kernel.WithFunction(Card, "nvidia");
        _kernel.Refuses = (path, _) => path.EndsWith("/bind", StringComparison.Ordinal);
        var error = await FailsAsync(PciBindError.HalfDone, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Contains("nor was it put back to nvidia", error.Message, StringComparison.Ordinal);
        _kernel.Refuses = (_, _) => false;
        Assert.Equal(new PciBinding("nvidia", null), (await _kernel.Binder().RestoreAsync(Card, "a", Token)).Binding);
    }

    [Fact]
    public async Task A_driver_that_was_unloaded_meanwhile_is_told_and_nothing_is_changed()
    {
        _kernel.WithFunction(Card, "nvidia");
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        _kernel.UnloadDriver("nvidia");
        await FailsAsync(PciBindError.NoDriver, () => _kernel.Binder().RestoreAsync(Card, "a", Token));
        Assert.Equal("vfio-pci", _kernel.Binder().Look(Card).Driver);
        _kernel.WithDriver("nvidia");
        Assert.Equal("nvidia", (await _kernel.Binder().RestoreAsync(Card, "a", Token)).Binding?.Driver);
    }

    [Fact]
    public async Task A_function_that_was_pulled_out_is_forgotten()
    {
        _kernel.WithFunction(Card, "nvidia");
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        _kernel.Unplug(Card);
        Assert.Equal(new PciBindResult(null, Changed: false), await _kernel.Binder().RestoreAsync(Card, "a", Token));
        Assert.Empty(Directory.GetFiles(_kernel.Notes, "*.json"));
    }

    [Fact]
    public async Task Notes_of_an_earlier_start_of_the_host_or_of_another_card_are_void()
    {
        _kernel.WithFunction(Card, "nvidia").WithFunction("0000:85:00.0", "nvidia", group: 8);
        await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token);
        await _kernel.Binder().BindAsync("0000:85:00.0", PciTarget.Vfio, "a", Token);
        _kernel.Set("0000:85:00.0", "device", "0x2204");
        await _kernel.Binder().BindAsync("0000:85:00.0", PciTarget.Own, "b", Token);
        _kernel.Boot("boot-2");
        Assert.False((await _kernel.Binder().RestoreAsync(Card, "b", Token)).Changed);
        await _kernel.Binder().BindAsync(Card, PciTarget.Own, "b", Token);
    }

    [Fact]
    public async Task A_note_that_cannot_be_read_or_written_changes_nothing()
    {
        _kernel.WithFunction(Card, "nvidia");
        Directory.CreateDirectory(_kernel.Notes);
        await File.WriteAllTextAsync(Path.Combine(_kernel.Notes, $"{Card}.json"), "{", Token);
        await FailsAsync(PciBindError.State, () => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", Token));
        await FailsAsync(PciBindError.State, () => _kernel.Binder().RestoreAsync(Card, "a", Token));
        var nowhere = _kernel.Binder(options => options with { StateFolder = Path.Combine(_kernel.BootIdFile, "notes") });
        await FailsAsync(PciBindError.State, () => nowhere.BindAsync(Card, PciTarget.Vfio, "a", Token));
        Assert.Empty(_kernel.Writes);
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        _kernel.WithFunction(Card, "nvidia");
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _kernel.Binder().BindAsync(Card, PciTarget.Vfio, "a", cancelled));
        Assert.Empty(_kernel.Writes);
    }

    [Fact]
    public async Task Of_many_holders_at_once_one_gets_the_function()
    {
        _kernel.WithFunction(Card, "nvidia");
        var calls = await Task.WhenAll(Enumerable.Range(0, 16).Select(index => Task.Run(
            async () =>
            {
                try
                {
                    await _kernel.Binder().BindAsync(Card, PciTarget.Vfio, $"arq-{index}", Token);
                    return true;
                }
                catch (PciBindException e) when (e.Error == PciBindError.Held)
                {
                    return false;
                }
            }, Token)));
        Assert.Single(calls, won => won);
        Assert.Equal(3, _kernel.Writes.Count);
    }

    [Fact]
    public async Task A_lock_that_another_process_keeps_is_waited_for_and_then_told()
    {
        _kernel.WithFunction(Card, "nvidia");
        Directory.CreateDirectory(_kernel.Notes);
        await using var other = new FileStream(Path.Combine(_kernel.Notes, $"{Card}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var binder = _kernel.Binder(options => options with { LockTimeout = TimeSpan.Zero });
        await FailsAsync(PciBindError.Busy, () => binder.BindAsync(Card, PciTarget.Vfio, "a", Token));
    }

    private static async Task<PciBindException> FailsAsync(PciBindError error, Func<Task> call, PciBindError? or = null)
    {
        var thrown = await Assert.ThrowsAsync<PciBindException>(call);
        Assert.Contains(thrown.Error, or is { } other ? [error, other] : new[] { error });
        return thrown;
    }
}
