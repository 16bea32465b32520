using System.Collections.Frozen;
using System.Globalization;
using Cyborg.Model;

namespace Cyborg.Drivers.Fake;

/// <summary>Pretended FPGAs for tests, for a first try, and as the example for authors of drivers. With its default options it reports the very bytes of
/// upstream's (cyborg/accelerator/drivers/fake.py), so a cloud that used that one sees no change. Nova ignores TEST_PCI handles.</summary>
public sealed class FakeDriver : IHostAttachDriver, IUsageDriver
{
    /// <summary>Entry name.</summary>
    public const string EntryName = "fake_driver";

    private const int FirstBus = 0x0c;
    private const int BusesPerDomain = 0x100 - FirstBus;

    private readonly FakeDriverOptions _options;
    private readonly TimeProvider _time;
    private readonly DriverFindings _findings;
    private readonly FrozenSet<DriverControlPath> _devices;
    private readonly FakeAttachments _attachments;

    /// <summary>Makes the driver; its devices never change afterwards.</summary>
    public FakeDriver(FakeDriverOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Devices);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Devices, FakeDriverOptions.MaxDevices);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Handles, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Handles, FakeDriverOptions.MaxHandles);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Delay, TimeSpan.Zero);
        (_options, _time) = (options, time);
        _findings = new DriverFindings([.. Enumerable.Range(0, options.Devices).Select(Device)], []);
        _devices = _findings.Devices.Select(device => device.ControlPath).ToFrozenSet();
        _attachments = new FakeAttachments(options.AttachPath);
    }

    /// <inheritdoc/>
    public string Name => EntryName;

    /// <inheritdoc/>
    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_options.Delay, _time, cancellationToken).ConfigureAwait(false);
        return Fails(FakeOperation.Discover) ? throw new DriverException("The fake driver is told to fail 'discover'.") : _findings;
    }

    /// <inheritdoc/>
    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        PretendAsync(FakeOperation.Install, device, cancellationToken);

    /// <inheritdoc/>
    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        PretendAsync(FakeOperation.Uninstall, device, cancellationToken);

    /// <inheritdoc/>
    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        PretendAsync(FakeOperation.Probe, device, cancellationToken);

    /// <summary>Reads the whole image, as a real driver would have to; that is all.</summary>
    public async Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken)
    {
        var outcome = await PretendAsync(FakeOperation.Program, device, cancellationToken).ConfigureAwait(false);
        if (!outcome.Worked)
            return outcome;
        try
        {
            await using var image = new FileStream(imagePath, FileMode.Open, FileAccess.Read, FileShare.Read, 81920, useAsync: true);
            await image.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
            return image.Position > 0 ? DriverOutcome.Done : DriverOutcome.Failed("The image is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DriverOutcome.Failed("The image cannot be read.");
        }
    }

    /// <summary>Notes in the pretended hardware that the ARQ has the handle. Fails if another ARQ has it.</summary>
    public async Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        var outcome = await PretendAsync(FakeOperation.Attach, device, cancellationToken).ConfigureAwait(false);
        if (!outcome.Worked)
            return outcome;
        return Has(device, handle)
            ? _attachments.Attach(device, handle, use.Arq)
            : DriverOutcome.Failed($"There is no handle {handle.Info} at {device.CpidInfo}.");
    }

    /// <summary>Undoes <see cref="AttachAsync"/>. Fails if another ARQ has the handle.</summary>
    public async Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        var outcome = await PretendAsync(FakeOperation.Detach, device, cancellationToken).ConfigureAwait(false);
        return outcome.Worked ? _attachments.Detach(device, handle, use.Arq) : outcome;
    }

    /// <summary>As <see cref="AttachAsync"/>: what is pretended of a guest is pretended of the host.</summary>
    public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AttachAsync(device, handle, use, cancellationToken);

    /// <summary>As <see cref="DetachAsync"/>.</summary>
    public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        DetachAsync(device, handle, use, cancellationToken);

    /// <summary>How many handles of each device are attached. Fails when discovery does.</summary>
    public async Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken)
    {
        var found = await DiscoverAsync(cancellationToken).ConfigureAwait(false);
        return [.. found.Devices.Select(device => new DriverUsage(device.ControlPath, new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            [UsageFigures.AcceleratorsTotal] = _options.Handles,
            [UsageFigures.AcceleratorsInUse] = device.Deployables[0].AttachHandles.Count(handle => _attachments.Has(device.ControlPath, handle)),
        }))];
    }

    /// <summary>Name of the file in <see cref="FakeDriverOptions.AttachPath"/> that stands for an attached handle: 64 hex digits, another one for
    /// each handle. Names that begin with a dot are files that an attachment in progress, or one that was killed, has left.</summary>
    public static string AttachFile(DriverControlPath device, DriverAttachHandle handle) => FakeAttachments.NameOf(device, handle);

    private bool Has(DriverControlPath device, DriverAttachHandle handle) =>
        _findings.Devices.First(known => known.ControlPath == device).Deployables
            .Any(deployable => deployable.AttachHandles.Any(known => (known.Type, known.Info) == (handle.Type, handle.Info)));

    private async Task<DriverOutcome> PretendAsync(FakeOperation operation, DriverControlPath device, CancellationToken cancellationToken)
    {
        await Task.Delay(_options.Delay, _time, cancellationToken).ConfigureAwait(false);
        if (Fails(operation))
            return DriverOutcome.Failed($"The fake driver is told to fail '{operation.ToString().ToLowerInvariant()}'.");
        return _devices.Contains(device) ? DriverOutcome.Done : DriverOutcome.Failed($"There is no fake device at {device.CpidInfo}.");
    }

    private bool Fails(FakeOperation operation) => _options.Fail.Contains(operation);

    // The spellings are upstream's, inconsistencies included: they are identity keys, so none of them may be tidied up.
    private DriverDevice Device(int index)
    {
        var domain = (index / BusesPerDomain).ToString("x4", CultureInfo.InvariantCulture);
        var bus = (FirstBus + index % BusesPerDomain).ToString("x2", CultureInfo.InvariantCulture);
        return new DriverDevice
        {
            Vendor = "0xABCD",
            Model = "miss model info",
            Type = DeviceType.FPGA,
            StdBoardInfo = """{"device_id": "0xabcd", "class": "Fake class"}""",
            VendorBoardInfo = "fake_vendor_info",
            ControlPath = new DriverControlPath("PCI", $$"""{"domain":"{{domain}}","bus":"{{bus}}","device":"00","function":"0"}"""),
            Deployables =
            [
                new DriverDeployable
                {
                    Name = PlacementNames.Plain(_options.Host) + "_FakeDevice" + (index == 0 ? "" : $"_{index}"),
                    NumAccelerators = _options.Handles,
                    DriverName = "fake",
                    Attributes = [new DriverAttribute("traits1", "CUSTOM_FAKE_DEVICE"), new DriverAttribute("rc", "FPGA")],
                    AttachHandles = [.. Enumerable.Range(1, _options.Handles).Select(n => Handle(domain, bus, n))],
                },
            ],
        };
    }

    private DriverAttachHandle Handle(string domain, string bus, int n) => new(
        AttachHandleType.TEST_PCI,
        $$"""{"domain": "{{domain}}", "bus": "{{bus}}", "device": "{{(n / 8).ToString("x", CultureInfo.InvariantCulture)}}", "function": "{{n % 8}}"}""",
        _options.HostWork);
}
