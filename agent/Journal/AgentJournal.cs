using System.Collections.Immutable;
using System.Threading.Channels;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging.Contracts;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Journal;

/// <summary>What an agent must not forget when it dies: who it is, how often it has started, for which epoch it has reported, and what was asked of it for each
/// handle. Work is written here before the hardware is touched, and its outcome before anybody is told.</summary>
/// <remarks>
/// <para>The file is rewritten whole: written beside, flushed, renamed, its folder flushed. Changes that come while one is being written share the next
/// write. What could not be written has not happened: <see cref="State"/> is always what is on the disk.</para>
/// <para>If the file is torn or altered it is set aside, and the agent begins with no handles known. That is safe because a new start has a new boot id, and
/// commands that name an older one are refused. Its id and the number of its start come from <c>agent-id</c>, so that it holds its lease on; only if that is
/// lost as well it is another agent, which gets the host when the lease of the old one has run out.</para>
/// <para>The journal grows no further than the handles of the host: a handle has one entry. Those of handles that are gone for good would pile up over the
/// years, so an entry goes when its handle has been free for <see cref="KeepFree"/>, twice the longest time that a call may be on its way: an entry is needed
/// only to refuse a call that is older than itself, and after that time none is left. Entries of attached handles stay.</para>
/// </remarks>
internal sealed class AgentJournal(string path, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>How long the entry of a free handle is kept: twice the bus's <c>MaxTimeLeft</c>.</summary>
    public static readonly TimeSpan KeepFree = TimeSpan.FromHours(2);

    private const string JournalName = "journal.json";
    /// <summary>File with the agent's id and the number of its last start.</summary>
    public const string IdName = "agent-id";


    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private volatile JournalState? _state;
    private StateFolder? _folder;
    private Task _writing = Task.CompletedTask;

    /// <summary>Drawn at each start.</summary>
    public Guid BootId { get; } = Guid.NewGuid();

    /// <summary>What is on the disk.</summary>
    /// <exception cref="InvalidOperationException">The journal is not open.</exception>
    public JournalState State => _state ?? throw new InvalidOperationException("The journal is not open.");

    /// <summary>Who this agent is.</summary>
    public AgentIdentity Identity => new(State.AgentId, BootId, State.BootNumber);

    /// <summary>The folder that it holds, for the agent's other files.</summary>
    public StateFolder Folder => _folder ?? throw new InvalidOperationException("The journal is not open.");

    /// <summary>Times that the file was written.</summary>
    public int Writes { get; private set; }

    /// <summary>Takes the folder, reads what a former start has left, and notes this start.</summary>
    /// <exception cref="IOException">The folder is in use or cannot be written.</exception>
    public void Open()
    {
        var folder = StateFolder.Hold(path, time, log);
        try
        {
            var journal = folder.Read(JournalName, AgentJson.Default.JournalFile, file => file.IsSound());
            var id = folder.Read(IdName, AgentJson.Default.AgentIdFile, file => file.IsSound());
            if (journal is null && id is not null)
                Log.JournalLost(log, folder.Path, id.AgentId);
            foreach (var entry in journal?.Handles.Where(entry => entry.Stage == HandleStage.InFlight) ?? [])
                Log.LeftInFlight(log, entry.Handle, entry.Verb, entry.Arq, entry.Generation);
            _state = Begin(journal, id);
            // The id first: its number must never be lower than one that a conductor has seen.
            folder.Write(IdName, new AgentIdFile(_state.AgentId, _state.BootNumber), AgentJson.Default.AgentIdFile);
            Save(folder, _state, null);
            _folder = folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Changes the state; ends when the change is on the disk. Changes of several callers may be one write.</summary>
    /// <param name="apply">The change; pure. It may see more than its caller did: what was changed meanwhile.</param>
    /// <exception cref="IOException">It could not be written: nothing has changed.</exception>
    public Task ChangeAsync(Func<JournalState, JournalState> apply)
    {
        var change = new Change(apply);
        if (!_changes.Writer.TryWrite(change))
            throw new IOException("The journal is closed.");
        return change.Written.Task;
    }

    /// <summary>Writes what waits, and gives the folder to others.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _folder?.Dispose();
    }

    private JournalState Begin(JournalFile? journal, AgentIdFile? id)
    {
        if (journal is null)
            return new JournalState(id?.AgentId ?? Guid.NewGuid(), (id?.BootNumber ?? 0) + 1, 0, ImmutableDictionary<Guid, HandleEntry>.Empty);
        var last = id?.AgentId == journal.AgentId ? Math.Max(id.BootNumber, journal.BootNumber) : journal.BootNumber;
        return journal.ToState(time.GetTimestamp()) with { BootNumber = last + 1 };
    }

    private async Task WriteAsync()
    {
        var batch = new List<Change>();
        while (await _changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (_changes.Reader.TryRead(out var change))
                batch.Add(change);
            Commit(batch);
        }
    }

    private void Commit(List<Change> batch)
    {
        try
        {
            var before = State;
            var after = batch.Aggregate(before, (state, change) => change.Apply(state));
            if (after != before)
            {
                after = after.WithoutFreeSince(time.GetTimestamp() - (long)(KeepFree.TotalSeconds * time.TimestampFrequency));
                Save(Folder, after, () => FaultPoints.Reach(FaultPoint.JournalWritten));
                _state = after;
            }
            foreach (var change in batch)
                change.Written.SetResult();
        }
        catch (Exception e)
        {
            foreach (var change in batch)
                change.Written.TrySetException(e);
        }
    }

    private void Save(StateFolder folder, JournalState state, Action? beforeRename)
    {
        folder.Write(JournalName, JournalFile.From(state), AgentJson.Default.JournalFile, beforeRename);
        Writes++;
    }

    private sealed record Change(Func<JournalState, JournalState> Apply)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
