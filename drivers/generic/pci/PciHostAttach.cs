using Cyborg.Attach;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>Attaches PCI functions to the host itself: binds them to the kernel driver that the options name, and puts back what was there.</summary>
internal sealed class PciHostAttach(PciBackendOptions options)
{
    private readonly SysfsPci _sysfs = new(options.SysfsRoot);
    private readonly PciBinder? _binder = options.AttachFolder is { } folder
        ? options.Binder(new PciBinderOptions { SysfsRoot = options.SysfsRoot, StateFolder = folder })
        : null;

    private readonly PciTarget _target = options.HostDriver is { } driver ? PciTarget.Driver(driver) : PciTarget.Own;

    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        try
        {
            if (FunctionOf(device, handle) is not { } function || !_sysfs.Exists(function))
                return Task.FromResult(DriverOutcome.Failed($"There is no handle {handle.Info} at {device.CpidInfo}."));
            return _sysfs.IsOf(function, Of(device))
                ? TryAsync(binder => binder.BindAsync(function.ToString(), _target, use.Arq.ToString(), cancellationToken))
                : Task.FromResult(DriverOutcome.Failed($"The function {function} is not the device's at {device.CpidInfo}."));
        }
        catch (SysfsException e)
        {
            return Task.FromResult(DriverOutcome.Failed($"{device.CpidInfo}: {e.Message}"));
        }
    }

    /// <summary>Not only functions that are offered, or there: what was found has to be put back, or forgotten with the card.</summary>
    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        FunctionOf(device, handle) is { } function
            ? TryAsync(binder => binder.RestoreAsync(function.ToString(), use.Arq.ToString(), cancellationToken))
            : Task.FromResult(DriverOutcome.Failed($"{handle.Info} names no PCI function."));

    private async Task<DriverOutcome> TryAsync(Func<PciBinder, Task> work)
    {
        if (_binder is null)
            return DriverOutcome.NotSupported($"Backend {options.Name} has no folder for attaching accelerators to the host.");
        try
        {
            await work(_binder).ConfigureAwait(false);
            return DriverOutcome.Done;
        }
        catch (PciBindException e)
        {
            return DriverOutcome.Failed(e.Message);
        }
    }

    private static PciAddress? FunctionOf(DriverControlPath device, DriverAttachHandle handle) =>
        handle.Type == AttachHandleType.PCI && PciAddress.TryParseInfo(device.CpidInfo, out _) && PciAddress.TryParseInfo(handle.Info, out var function)
            ? function
            : null;

    private static PciAddress Of(DriverControlPath device) => PciAddress.TryParseInfo(device.CpidInfo, out var address) ? address : default;
}
