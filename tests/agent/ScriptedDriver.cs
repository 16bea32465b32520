using System.Collections.Concurrent;
using Cyborg.Drivers;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>A driver that does what a test says.</summary>
internal sealed class ScriptedDriver(string name, params DriverDevice[] devices) : IAcceleratorDriver
{
    private int _discoveries;
    private int _installs;

    public string Name => name;
    public int Discoveries => _discoveries;
    public int Installs => _installs;
    public Func<CancellationToken, Task<DriverFindings>> OnDiscover { get; set; } = _ => Task.FromResult(new DriverFindings(devices, []));
    public Func<DriverControlPath, CancellationToken, Task<DriverOutcome>> OnInstall { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);
    public Func<string, CancellationToken, Task<DriverOutcome>> OnProgram { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);

    public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _discoveries);
        return OnDiscover(cancellationToken);
    }

    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _installs);
        return OnInstall(device, cancellationToken);
    }

    public Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken) =>
        OnProgram(imagePath, cancellationToken);

    public Func<HandleCall, CancellationToken, Task<DriverOutcome>> OnAttach { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);
    public Func<HandleCall, CancellationToken, Task<DriverOutcome>> OnDetach { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);

    /// <summary>Attaches and detaches, in order.</summary>
    public ConcurrentQueue<string> HandleCalls { get; } = new();

    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        HandleCalls.Enqueue($"attach {handle.Info} {use.Arq}");
        return OnAttach(new HandleCall(device, handle, use.Arq), cancellationToken);
    }

    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        HandleCalls.Enqueue($"detach {handle.Info} {use.Arq}");
        return OnDetach(new HandleCall(device, handle, use.Arq), cancellationToken);
    }

    public static DriverDevice Device(string bus, string? name = null) => new()
    {
        Vendor = "1234",
        Model = "m",
        Type = DeviceType.FPGA,
        ControlPath = Path(bus),
        Deployables = [new DriverDeployable { Name = name ?? $"d-{bus}", NumAccelerators = 1, Attributes = [new DriverAttribute("rc", "FPGA")] }],
    };

    public static DriverControlPath Path(string bus) => new("PCI", $$"""{"bus": "{{bus}}"}""");
}

/// <summary>What a driver was asked to attach or detach.</summary>
internal sealed record HandleCall(DriverControlPath Device, DriverAttachHandle Handle, Guid Arq);
