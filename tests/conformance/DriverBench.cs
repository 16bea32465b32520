using Cyborg.Model;

namespace Cyborg.Drivers.Conformance;

/// <summary>Hardware on a bench: what a driver's author writes so that the suites can put the driver to the test. It starts with at least two devices, each with
/// at least one attach handle; each test gets a bench of its own.</summary>
public abstract class DriverBench : IDisposable
{
    /// <summary>Makes the driver anew on the same hardware, as a restart of the agent does.</summary>
    public abstract IAcceleratorDriver Create();

    /// <summary>Makes one more device appear; which, is the bench's choice.</summary>
    public abstract void PlugIn();

    /// <summary>Makes the device vanish that <see cref="PlugIn"/> made appear.</summary>
    public abstract void PullOut();

    /// <summary>Makes the hardware such that nothing can be said about it: no bus, no management daemon, no answer.</summary>
    public abstract void Blind();

    /// <summary>Undoes <see cref="Blind"/>.</summary>
    public abstract void Unblind();

    /// <summary>Makes attaching and detaching fail. False if the driver has nothing to do there that could fail.</summary>
    public virtual bool Occupy() => false;

    /// <summary>Undoes <see cref="Occupy"/>.</summary>
    public virtual void Calm()
    {
    }

    /// <summary>The driver to go on with after the hardware has changed: the same one, unless it only pretends hardware that cannot change under it.</summary>
    public virtual IAcceleratorDriver AfterChange(IAcceleratorDriver driver) => driver;

    /// <summary>True if the hardware keeps whose a handle is, so that another request is refused.</summary>
    public virtual bool TellsRequestsApart => true;

    /// <summary>A device of the driver's kind that is not there.</summary>
    public virtual DriverControlPath Absent { get; } =
        new("PCI", """{"bus": "fe", "device": "1f", "domain": "fffe", "function": "7"}""");

    /// <summary>Takes the hardware away.</summary>
    public void Dispose()
    {
        TakeAway();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the hardware away; each test ends so.</summary>
    protected abstract void TakeAway();
}
