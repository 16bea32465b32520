using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>What is known of a deployable's logic.</summary>
public sealed record ProgramState
{
    /// <summary>Image that it runs, if that is known.</summary>
    public string? Bitstream { get; init; }
    /// <summary>Function that it runs, if that is known.</summary>
    public string? Function { get; init; }
    /// <summary>Generation of the last programming.</summary>
    public long Generation { get; init; }
    /// <summary>What the last programming was to bring; null if there was none.</summary>
    public ImageWish? Wish { get; init; }
    /// <summary>True while that programming is under way: then nobody knows what the deployable runs.</summary>
    public bool UnderWay { get; init; }
    /// <summary>The call of an operator that ordered it; null if a bind did.</summary>
    public Guid? Call { get; init; }
    /// <summary>Whose claim on it holds; null if nobody's.</summary>
    public Guid? ClaimedBy { get; init; }
    /// <summary>Why the last programming failed; null if it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>True if the deployable is known to run what is wished for.</summary>
    public bool Satisfies(ImageWish wish) =>
        !UnderWay && (wish.Image is { } image ? Bitstream == image.ToString() : Function is not null && Function == wish.Function);
}

/// <summary>A handle of a deployable that is not free.</summary>
/// <param name="State">Who has it.</param>
/// <param name="Pending">True if its bind is under way.</param>
/// <param name="Failed">True if its bind has failed, and waits to be given back.</param>
/// <param name="Wish">What its holder wants the deployable to run; null for whatever it runs.</param>
public sealed record HandleHolder(AttachHandleState State, bool Pending, bool Failed, ImageWish? Wish);

/// <summary>A deployable that is programmed, locked until the transaction ends.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Uuid">The deployable.</param>
/// <param name="Name">Its name on the host.</param>
/// <param name="DriverName">How its driver names itself.</param>
/// <param name="State">What is known of its logic.</param>
public sealed record LockedDeployable(int Id, Guid Uuid, string Name, string? DriverName, ProgramState State);

/// <summary>How a programming ended.</summary>
/// <param name="Image">The image that the deployable runs now; null if that is not known.</param>
/// <param name="Function">Its function, if it tells one.</param>
/// <param name="Trait">The function's trait.</param>
/// <param name="Failure">Why it failed; null if it did not.</param>
public sealed record ProgramEnd(Guid? Image, string? Function, string? Trait, string? Failure);

/// <summary>Statements on the programming of deployables. The deployable's row is the job and the lock: it says what is to be programmed, by which
/// generation, and who has it done until when. What ends it is conditional on generation and claim.</summary>
public static class ProgramStore
{
    /// <summary>Locks a deployable against every other bind and programming; null if there is none.</summary>
    public static async Task<LockedDeployable?> LockAsync(Session session, int id)
    {
        var rows = session.Deployables.Where(row => row.Id == id)
            .Select(row => new { Row = row, Claimed = row.ProgramToken != null && row.ProgramUntil > DatabaseClock.Now() });
        var locked = session.IsPostgres ? await rows.AsPostgreSQL().ForNoKeyUpdateHint().ToListAsync() : await rows.ToListAsync();
        return locked is [var found]
            ? new LockedDeployable(id, found.Row.Uuid, found.Row.Name, found.Row.DriverName, State(found.Row, found.Claimed))
            : null;
    }

    /// <summary>The handles of deployables that are not free, by deployable. One statement.</summary>
    public static async Task<ILookup<int, HandleHolder>> HoldersAsync(Session session, IReadOnlyCollection<int> deployables) =>
        (await session.AttachHandles.Where(row => deployables.Contains(row.DeployableId) && row.State != AttachHandleState.Free)
            .OrderBy(row => row.Id)
            .Select(row => new { row.DeployableId, row.State, row.Job, row.JobFailure, row.WantsImage, row.WantsFunction })
            .ToListAsync())
        .ToLookup(
            row => row.DeployableId,
            row => new HandleHolder(
                row.State,
                row.State == AttachHandleState.Held && row.Job is not null,
                row.State == AttachHandleState.Held && row.Job is null && row.JobFailure is not null,
                Wish(row.WantsImage, row.WantsFunction)));

    /// <summary>Orders a programming of deployables that are locked: a new generation of each. One statement.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ids">The deployables.</param>
    /// <param name="wish">What they are to run.</param>
    /// <param name="call">The call of an operator who orders it; null for a bind.</param>
    public static Task<int> OrderAsync(Session session, IReadOnlyCollection<int> ids, ImageWish wish, Guid? call) =>
        session.Deployables.Where(row => ids.Contains(row.Id))
            .Set(row => row.ProgramGeneration, row => row.ProgramGeneration + 1)
            .Set(row => row.ProgramImage, wish.Image)
            .Set(row => row.ProgramFunction, wish.Function)
            .Set(row => row.ProgramBegan, _ => DatabaseClock.Now())
            .Set(row => row.ProgramCall, call)
            .Set(row => row.ProgramToken, (Guid?)null)
            .Set(row => row.ProgramUntil, (DateTimeOffset?)null)
            .Set(row => row.ProgramFailure, (string?)null)
            .UpdateAsync();

    /// <summary>Claims the programming of a deployable that is locked. One statement.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">Key of the deployable.</param>
    /// <param name="token">The claim.</param>
    /// <param name="leaseSeconds">It holds so long unless it is renewed.</param>
    /// <param name="call">The call of an operator who has it done; null for a bind.</param>
    public static Task<int> ClaimAsync(Session session, int id, Guid token, double leaseSeconds, Guid? call) =>
        session.Deployables.Where(row => row.Id == id)
            .Set(row => row.ProgramToken, token)
            .Set(row => row.ProgramUntil, _ => DatabaseClock.In(leaseSeconds))
            .Set(row => row.ProgramCall, call)
            .UpdateAsync();

    /// <summary>Makes claims hold longer. One statement.</summary>
    public static Task<int> RenewAsync(Session session, IReadOnlyCollection<Guid> tokens, double leaseSeconds) =>
        session.Deployables.Where(row => tokens.Contains(row.ProgramToken!.Value))
            .Set(row => row.ProgramUntil, _ => DatabaseClock.In(leaseSeconds))
            .UpdateAsync();

    /// <summary>Gives a claim up; the programming stays under way, for whoever claims it next. One statement.</summary>
    public static Task<int> ReleaseAsync(Session session, int id, Guid token) =>
        session.Deployables.Where(row => row.Id == id && row.ProgramToken == token)
            .Set(row => row.ProgramToken, (Guid?)null)
            .Set(row => row.ProgramUntil, _ => DatabaseClock.Now())
            .UpdateAsync();

    /// <summary>The programming has ended, well or not: notes what the deployable runs, and has the binds that waited for it go on at once. False if the
    /// claim was lost. Three statements.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">Key of the deployable.</param>
    /// <param name="generation">Generation of the programming.</param>
    /// <param name="token">The claim.</param>
    /// <param name="end">How it ended; null if it failed before the hardware was touched: then the deployable runs what it ran before.</param>
    /// <param name="failure">Why it failed, where the hardware was not touched.</param>
    public static async Task<bool> EndAsync(Session session, int id, long generation, Guid token, ProgramEnd? end, string? failure)
    {
        var mine = session.Deployables.Where(row => row.Id == id && row.ProgramGeneration == generation && row.ProgramToken == token);
        var closed = mine
            .Set(row => row.ProgramBegan, (DateTimeOffset?)null)
            .Set(row => row.ProgramToken, (Guid?)null)
            .Set(row => row.ProgramUntil, (DateTimeOffset?)null)
            .Set(row => row.ProgramFailure, end is null ? failure : end.Failure);
        if (end is not null)
        {
            var image = end.Image?.ToString();
            closed = closed.Set(row => row.BitstreamId, image)
                .Set(row => row.FunctionId, end.Function)
                .Set(row => row.FunctionTrait, end.Trait)
                .Set(row => row.UpdatedAt, session.Now);
        }
        if (await closed.UpdateAsync() != 1)
            return false;
        await session.AttachHandles.Where(row => row.DeployableId == id && row.Job == AttachHandleRow.AttachJob && row.JobToken == null)
            .Set(row => row.JobAfter, (DateTimeOffset?)null).UpdateAsync();
        if (end is not null)
            await ChangedAsync(session, [id]);
        return true;
    }

    /// <summary>Ends programmings whose bind was given back, or whose caller died: those of which no host was told as if they had never been ordered, others
    /// with a deployable of which nobody knows what it runs. Returns the names of the latter. Two statements, four if there are any.</summary>
    public static async Task<IReadOnlyList<string>> EndAbandonedAsync(Session session, double forgottenSeconds)
    {
        var rows = Abandoned(session, forgottenSeconds).OrderBy(row => row.Id).Select(row => new { row.Id, row.Name, Told = row.ProgramUntil != null });
        var found = session.IsPostgres ? await rows.AsPostgreSQL().ForNoKeyUpdateHint().ToListAsync() : await rows.ToListAsync();
        List<int> ids = [.. found.Select(row => row.Id)], unknown = [.. found.Where(row => row.Told).Select(row => row.Id)];
        if (ids.Count == 0)
            return [];
        // Asked again under the lock: a bind may have come to want it meanwhile.
        await Abandoned(session, forgottenSeconds).Where(row => unknown.Contains(row.Id))
            .Set(row => row.BitstreamId, (string?)null)
            .Set(row => row.FunctionId, (string?)null)
            .Set(row => row.FunctionTrait, (string?)null)
            .Set(row => row.ProgramBegan, (DateTimeOffset?)null)
            .Set(row => row.ProgramToken, (Guid?)null)
            .Set(row => row.ProgramFailure, "It was interrupted, and nobody knows how it ended.")
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync();
        await Abandoned(session, forgottenSeconds).Where(row => ids.Contains(row.Id) && row.ProgramUntil == null)
            .Set(row => row.ProgramBegan, (DateTimeOffset?)null)
            .UpdateAsync();
        if (unknown.Count > 0)
            await ChangedAsync(session, unknown);
        return [.. found.Where(row => row.Told).Select(row => row.Name)];
    }

    internal static ProgramState State(DeployableRow row, bool claimed) => new()
    {
        Bitstream = row.BitstreamId,
        Function = row.FunctionId,
        Generation = row.ProgramGeneration,
        Wish = Wish(row.ProgramImage, row.ProgramFunction),
        UnderWay = row.ProgramBegan is not null,
        Call = row.ProgramCall,
        ClaimedBy = claimed ? row.ProgramToken : null,
        Failure = row.ProgramFailure,
    };

    internal static ImageWish? Wish(Guid? image, string? function) => image is null && function is null ? null : new ImageWish(image, function);

    /// <summary>Deployables whose programming nobody wants or follows any more.</summary>
    internal static IQueryable<DeployableRow> Abandoned(Session session, double forgottenSeconds) =>
        session.Deployables.Where(row => row.ProgramBegan != null
            && (row.ProgramUntil == null || row.ProgramUntil < DatabaseClock.In(-forgottenSeconds))
            && !session.AttachHandles.Any(handle => handle.DeployableId == row.Id && handle.Job == AttachHandleRow.AttachJob
                && (handle.WantsImage != null || handle.WantsFunction != null)));

    private static async Task ChangedAsync(Session session, IReadOnlyCollection<int> ids)
    {
        session.MarkChanged(RevisionRow.Devices);
        var hosts = await (from deployable in session.Deployables
                           join device in session.Devices on deployable.DeviceId equals device.Id
                           where ids.Contains(deployable.Id)
                           select device.Hostname).Distinct().ToListAsync();
        foreach (var host in hosts)
            session.ProvidersChanged(host);
    }
}
