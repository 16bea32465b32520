namespace Cyborg.Placement;

/// <summary>What a sync needs of the service that runs it.</summary>
/// <param name="HostName">Name of the host's own provider.</param>
/// <param name="ReadWants">Asks what is to be shown now.</param>
/// <param name="MayGrow">True while more may be offered than Placement shows: asked again before each call that does so.</param>
/// <param name="Ledger">What was written so far.</param>
/// <param name="Keep">Keeps a ledger durably; throws if it cannot, and then nothing is written.</param>
public sealed record SyncSource(
    string HostName,
    Func<CancellationToken, Task<HostWants>> ReadWants,
    Func<HostWants, bool> MayGrow,
    Func<ProviderLedger> Ledger,
    Action<ProviderLedger> Keep);

/// <summary>What came of a sync.</summary>
/// <param name="Wants">What was to be shown.</param>
/// <param name="Gone">Missing deployables whose providers are gone.</param>
/// <param name="Adopted">Deployables whose providers have other uuids than the database says.</param>
/// <param name="Problems">What is not shown, or not as wanted, one line each: faults of the wants themselves.</param>
/// <param name="Held">What cannot be done now for others' sake, one line each: to be tried again from time to time.</param>
/// <param name="HeldBack">True if something was left out for want of the right to grow.</param>
/// <param name="Contested">True if others kept changing the same providers, so that it was given up.</param>
/// <param name="Writes">Calls that changed Placement.</param>
public sealed record SyncResult(
    HostWants Wants, IReadOnlyList<Guid> Gone, IReadOnlyList<Adoption> Adopted, IReadOnlyList<string> Problems, IReadOnlyList<string> Held,
    bool HeldBack, bool Contested, int Writes);
