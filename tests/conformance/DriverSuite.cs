using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Conformance;

/// <summary>What the suites share.</summary>
public abstract class DriverSuite(DriverBench bench) : IDisposable
{
    /// <summary>Ends a test that its runner gives up.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A token that is cancelled already.</summary>
    protected static CancellationToken Cancelled { get; } = new(canceled: true);

    /// <summary>The hardware.</summary>
    protected DriverBench Bench { get; } = bench;

    /// <summary>Takes the hardware away.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the hardware away.</summary>
    /// <param name="disposing">True.</param>
    protected virtual void Dispose(bool disposing) => Bench.Dispose();

    /// <summary>What a discovery says, byte for byte.</summary>
    protected static string Bytes(DriverFindings findings) => JsonSerializer.Serialize(findings);

    /// <summary>One device, byte for byte.</summary>
    protected static string Bytes(DriverDevice device) => JsonSerializer.Serialize(device);

    /// <summary>A driver with what it finds.</summary>
    protected async Task<(IAcceleratorDriver Driver, IReadOnlyList<DriverDevice> Devices)> FindAsync()
    {
        var driver = Bench.Create();
        return (driver, (await driver.DiscoverAsync(Token).ConfigureAwait(false)).Devices);
    }

    /// <summary>The first handle there is, and its device.</summary>
    protected static (DriverControlPath Device, DriverAttachHandle Handle) FirstHandle(IReadOnlyList<DriverDevice> devices)
    {
        var device = devices.First(device => device.Deployables.Any(deployable => deployable.AttachHandles.Count > 0));
        return (device.ControlPath, device.Deployables.First(deployable => deployable.AttachHandles.Count > 0).AttachHandles[0]);
    }

    /// <summary>Somebody who has a handle.</summary>
    protected static HandleUse NewUse() => new(Guid.NewGuid(), Guid.NewGuid());

    /// <summary>It worked, and says no reason why not.</summary>
    protected static void Worked(DriverOutcome outcome) => Assert.Equal(DriverOutcome.Done, outcome);

    /// <summary>It did not work, and says why in one line that fits into an answer.</summary>
    protected static void DidNotWork(DriverOutcome outcome)
    {
        Assert.NotEqual(DriverOutcomeKind.Done, outcome.Kind);
        Assert.False(string.IsNullOrWhiteSpace(outcome.Reason));
        Assert.InRange(outcome.Reason!.Length, 1, 2000);
        Assert.DoesNotContain('\n', outcome.Reason);
    }
}
