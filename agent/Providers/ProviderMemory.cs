using Cyborg.Agent.Journal;
using Cyborg.Placement;

namespace Cyborg.Agent.Providers;

/// <summary>The content of <c>providers.json</c>.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="Epoch">The host's epoch for which Placement was last brought up to date; null before the first time.</param>
/// <param name="Providers">What was written, or was about to be.</param>
internal sealed record ProvidersFile(int Version, long? Epoch, IReadOnlyList<LedgerEntry> Providers)
{
    public const int CurrentVersion = 1;

    public bool IsSound() =>
        Version == CurrentVersion && Providers.All(entry => entry is { Classes: not null, Traits: not null })
        && Providers.DistinctBy(entry => entry.Provider).Count() == Providers.Count;
}

/// <summary>What an agent remembers of Placement from one start to the next. If the file is lost, the agent still finds its providers by their uuids; only
/// classes and traits that are no longer wanted then stay there.</summary>
internal sealed class ProviderMemory(AgentJournal journal)
{
    private const string FileName = "providers.json";

    /// <summary>What was written, or was about to be.</summary>
    public ProviderLedger Ledger { get; private set; } = ProviderLedger.Empty;

    /// <summary>The host's epoch for which Placement was last brought up to date.</summary>
    public long? Epoch { get; private set; }

    /// <summary>Takes up what a former start has left.</summary>
    public void Restore()
    {
        if (journal.Folder.Read(FileName, AgentJson.Default.ProvidersFile, file => file.IsSound()) is not { } file)
            return;
        (Ledger, Epoch) = (ProviderLedger.Of(file.Providers), file.Epoch);
    }

    /// <summary>Keeps a ledger.</summary>
    /// <exception cref="IOException">It could not be written: nothing has changed.</exception>
    public void Keep(ProviderLedger ledger)
    {
        Write(Epoch, ledger);
        Ledger = ledger;
    }

    /// <summary>Keeps the epoch.</summary>
    /// <exception cref="IOException">It could not be written: nothing has changed.</exception>
    public void Keep(long epoch)
    {
        if (epoch == Epoch)
            return;
        Write(epoch, Ledger);
        Epoch = epoch;
    }

    private void Write(long? epoch, ProviderLedger ledger) =>
        journal.Folder.Write(FileName, new ProvidersFile(ProvidersFile.CurrentVersion, epoch, [.. ledger.Entries]), AgentJson.Default.ProvidersFile);
}
