using Cyborg.Agent.Journal;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Discovery;

/// <summary>One look at the host.</summary>
/// <param name="Found">One entry for each enabled driver.</param>
/// <param name="Checksum">Of them.</param>
internal sealed record Look(IReadOnlyList<DriverDiscovery> Found, string Checksum);

/// <summary>What the host has, kept in <c>inventory.json</c>: an agent that starts again while a driver cannot tell, or while no conductor listens, still
/// knows it. Devices that no conductor has accepted yet are reported from there; those that one has are left to what it knows, for a driver that cannot tell
/// has no news.</summary>
internal sealed class HostInventory(HostDiscovery host, AgentJournal journal, ILogger log)
{
    private const string FileName = "inventory.json";

    private volatile string? _checksum;
    private bool _unsaved;

    /// <summary>Of the last look; null if there never was one.</summary>
    public string? Checksum => _checksum;

    /// <summary>Takes up what a former start has left.</summary>
    public void Restore()
    {
        var file = journal.Folder.Read(FileName, AgentJson.Default.InventoryFile, file => file.IsSound()) ?? InventoryFile.Empty;
        _checksum = file.Checksum;
        host.Restore(file.Drivers);
    }

    /// <summary>Looks at the host, and keeps what it sees before anybody is told.</summary>
    public async Task<Look> LookAsync(CancellationToken cancellationToken)
    {
        var (found, changed) = await host.RunAsync(cancellationToken).ConfigureAwait(false);
        var look = new Look(found, InventoryChecksum.Of(found));
        _unsaved |= changed || look.Checksum != _checksum;
        _checksum = look.Checksum;
        Save();
        return look;
    }

    /// <summary>A conductor has accepted a report of the last look.</summary>
    public void Accepted()
    {
        _unsaved |= host.MarkReported();
        Save();
    }

    // Nothing is lost while the process lives: a disk that is full must not stop the reports.
    private void Save()
    {
        if (!_unsaved)
            return;
        try
        {
            journal.Folder.Write(FileName, new InventoryFile(_checksum, host.Known()), AgentJson.Default.InventoryFile);
            _unsaved = false;
        }
        catch (IOException e)
        {
            Log.InventoryNotKept(log, e);
        }
    }
}
