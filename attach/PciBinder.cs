namespace Cyborg.Attach;

/// <summary>Binds PCI functions to <c>vfio-pci</c>, to another driver, or to their own, and puts back what it found: for accelerators what os-brick is for
/// volumes. It works through sysfs alone, knows no service, and needs the rights of root.</summary>
/// <remarks>Every operation may be repeated, also after its process was killed in the middle: what was found is noted before anything is changed, and each call
/// goes on from what it sees. Calls for one function take turns, also those of other processes with the same folder of notes. A change that has
/// begun is finished or undone; a cancelled token ends a call before that.</remarks>
public sealed class PciBinder(PciBinderOptions options)
{
    private readonly FunctionLocks _locks = new(options);
    private readonly NoteFolder _notes = new(options);

    /// <summary>Binds a function. A second call changes nothing. Another target takes a <see cref="RestoreAsync"/> first.</summary>
    /// <param name="address">The function, e.g. <c>0000:84:00.0</c>.</param>
    /// <param name="target">To what.</param>
    /// <param name="holder">For whom, any text without secrets; only the same holder can have it put back.</param>
    /// <param name="cancellationToken">Ends it before the first change.</param>
    /// <exception cref="PciBindException">It was not bound; see <see cref="PciBindError"/>. Unless that is <see cref="PciBindError.HalfDone"/>, everything is
    /// as it was.</exception>
    public Task<PciBindResult> BindAsync(string address, PciTarget target, string holder, CancellationToken cancellationToken) =>
        InTurnAsync(address, function => Bind(function, target, holder), cancellationToken);

    /// <summary>Puts back what <see cref="BindAsync"/> found. A second call changes nothing; one without the first neither, and one for a function that has
    /// vanished forgets it.</summary>
    /// <param name="address">The function.</param>
    /// <param name="holder">For whom it was bound.</param>
    /// <param name="cancellationToken">Ends it before the first change.</param>
    /// <exception cref="PciBindException">It was not put back; repeat the call.</exception>
    public Task<PciBindResult> RestoreAsync(string address, string holder, CancellationToken cancellationToken) =>
        InTurnAsync(address, function => Restore(function, holder), cancellationToken);

    /// <summary>To what a function is bound.</summary>
    /// <exception cref="PciBindException">There is no such function, or it cannot be read.</exception>
    public PciBinding Look(string address)
    {
        var function = FunctionAt(address);
        return function.Exists ? function.Binding : throw NotFound(function);
    }

    private async Task<PciBindResult> InTurnAsync(string address, Func<SysfsFunction, PciBindResult> work, CancellationToken cancellationToken)
    {
        var function = FunctionAt(address);
        using var turn = await _locks.EnterAsync(address, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        // Drivers take their time to let go of a device.
        return await Task.Run(() => work(function), CancellationToken.None).ConfigureAwait(false);
    }

    private PciBindResult Bind(SysfsFunction function, PciTarget target, string holder)
    {
        if (!function.Exists)
            throw NotFound(function);
        var note = _notes.Read(function);
        if (note is not null && (note.Holder != holder || note.Target != target.Name))
            throw Held(function, note);
        var now = function.Binding;
        var steps = BindPlan.To(target, now);
        if (note is not null && steps.Count == 0)
            return new PciBindResult(now, Changed: false);
        Check(function, target, steps);
        note ??= _notes.Write(function, now, target, holder);
        if (steps.Count == 0)
            return new PciBindResult(now, Changed: false);
        try
        {
            Apply(function, steps);
            if (!BindPlan.IsAt(target, function.Binding))
                throw new IOException(target.Name is null ? "the kernel has no driver for it" : $"{target} did not take it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Undo(function, note, target, e);
        }
        return new PciBindResult(function.Binding, Changed: true);
    }

    private PciBindResult Restore(SysfsFunction function, string holder)
    {
        var note = _notes.Read(function);
        if (note is not null && note.Holder != holder)
            throw Held(function, note);
        if (note is null || !function.Exists)
        {
            // Gone, or of an earlier start of the host: there is nothing of ours at the function.
            _notes.Delete(function);
            return new PciBindResult(function.Exists ? function.Binding : null, Changed: false);
        }
        var steps = BindPlan.Back(note.ToBinding(), function.Binding);
        if (note.Driver is { } driver && steps.Any(step => step.Verb == BindVerb.Bind) && !function.HasDriver(driver))
            throw NoDriver(function, driver);
        try
        {
            Apply(function, steps);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PciBindException(
                PciBindError.HalfDone, $"{function.Address} was not put back to {note.Driver ?? "no driver"}: {Why(e)}.", e);
        }
        _notes.Delete(function);
        return new PciBindResult(function.Binding, steps.Count > 0);
    }

    private void Check(SysfsFunction function, PciTarget target, IReadOnlyList<BindStep> steps)
    {
        if (function.IsBridge)
            throw new PciBindException(PciBindError.Bridge, $"{function.Address} is a bridge; what is behind it would be lost.");
        if (steps.Any(step => step.Verb == BindVerb.Unbind) && function.HasVirtualFunctions)
            throw new PciBindException(
                PciBindError.HasVirtualFunctions, $"{function.Address} has virtual functions, which would vanish with its driver.");
        if (target.Name is { } driver && !function.HasDriver(driver))
            throw NoDriver(function, driver);
        if (!target.IsUserSpace)
            return;
        if (function.Group is null)
        {
            if (options.RequireIommu)
                throw new PciBindException(PciBindError.NoIommu, $"{function.Address} is in no IOMMU group; is the IOMMU switched on?");
            return;
        }
        var users = function.Neighbours()
            .Select(address => (Address: address, new SysfsFunction(options, address).Binding.Driver))
            .Where(neighbour => !BindPlan.MayShareGroup(neighbour.Driver))
            .Select(neighbour => $"{neighbour.Address} ({neighbour.Driver})").ToList();
        if (users.Count > 0)
            throw new PciBindException(
                PciBindError.GroupInUse,
                $"{function.Address} is in IOMMU group {function.Group} together with {string.Join(", ", users)}, which the host uses.");
    }

    private void Undo(SysfsFunction function, FoundNote note, PciTarget target, Exception failure)
    {
        var what = $"{function.Address} was not bound to {target}: {Why(failure)}";
        try
        {
            Apply(function, BindPlan.Back(note.ToBinding(), function.Binding));
            _notes.Delete(function);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PciBindException)
        {
            throw new PciBindException(
                PciBindError.HalfDone, $"{what}; nor was it put back to {note.Driver ?? "no driver"}: {Why(e)}.", failure);
        }
        throw new PciBindException(PciBindError.Refused, $"{what}.", failure);
    }

    private static void Apply(SysfsFunction function, IReadOnlyList<BindStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step.Verb)
            {
                case BindVerb.Override:
                    function.Override(step.Driver);
                    break;
                case BindVerb.Unbind:
                    function.Unbind();
                    break;
                case BindVerb.Bind:
                    BindByName(function, step.Driver!);
                    break;
                default:
                    function.Probe();
                    break;
            }
        }
    }

    // A driver that was loaded meanwhile may have taken the function by itself: then all is well.
    private static void BindByName(SysfsFunction function, string driver)
    {
        try
        {
            function.Bind(driver);
        }
        catch (IOException) when (function.Binding.Driver == driver)
        {
        }
    }

    private SysfsFunction FunctionAt(string address) =>
        SysfsFunction.IsAddress(address)
            ? new SysfsFunction(options, address)
            : throw new PciBindException(PciBindError.BadAddress, $"'{address}' is no PCI address of the form 0000:84:00.0.");

    private static string Why(Exception e) =>
        e is UnauthorizedAccessException ? "this process has not the right" : e.Message.Split(" : ")[0].TrimEnd('.', ' ');

    private static PciBindException NotFound(SysfsFunction function) =>
        new(PciBindError.NotFound, $"There is no PCI function at {function.Address}.");

    private static PciBindException NoDriver(SysfsFunction function, string driver) =>
        new(PciBindError.NoDriver, $"{function.Address}: the kernel has no driver {driver}; load its module.");

    private static PciBindException Held(SysfsFunction function, FoundNote note) =>
        new(PciBindError.Held, $"{function.Address} is attached for {note.Holder}, to {note.Target ?? "its own driver"}.");
}
