using System.Net;

namespace Cyborg.Placement;

/// <summary>What an answer of Placement means for a call that changes something.</summary>
internal enum PlacementVerdict
{
    /// <summary>It is as asked for.</summary>
    Done,
    /// <summary>What was to be changed is not there.</summary>
    Gone,
    /// <summary>Somebody else has changed it meanwhile: read again.</summary>
    Conflict,
    /// <summary>There is another one of this name or uuid.</summary>
    Exists,
    /// <summary>Allocations or children hold it.</summary>
    InUse,
    /// <summary>Placement does not take this request.</summary>
    Rejected,
}

/// <summary>An answer to a call that changes something.</summary>
/// <param name="Verdict">What it means.</param>
/// <param name="Generation">The provider's generation after it, where the answer tells.</param>
/// <param name="Reason">Placement's words, in one line; empty if it was done.</param>
internal sealed record PlacementAnswer(PlacementVerdict Verdict, int Generation, string Reason)
{
    /// <summary>Judges a status and the error code beside it (placement/errors.py); null for what says nothing about the request: Placement is away or
    /// refuses this service.</summary>
    public static PlacementVerdict? Judge(HttpStatusCode status, string? code) => ((int)status, code) switch
    {
        ( >= 200 and < 300, _) => PlacementVerdict.Done,
        (404, _) => PlacementVerdict.Gone,
        (409, "placement.duplicate_name") => PlacementVerdict.Exists,
        (409, "placement.inventory.inuse" or "placement.resource_provider.inuse" or "placement.resource_provider.cannot_delete_parent") =>
            PlacementVerdict.InUse,
        (409, _) => PlacementVerdict.Conflict,
        (401 or 403 or 406 or 407 or 408 or 429, _) => null,
        ( >= 400 and < 500, _) => PlacementVerdict.Rejected,
        _ => null,
    };
}
