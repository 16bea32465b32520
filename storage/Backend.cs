using System.Data;
using LinqToDB;

namespace Cyborg.Storage;

/// <summary>What differs between the two databases when connections and transactions are made.</summary>
internal abstract class Backend : IAsyncDisposable
{
    /// <summary>linq2db's options, built once: their caches hang on the instance.</summary>
    public abstract DataOptions Options { get; }

    public abstract string Description { get; }

    public abstract IsolationLevel WriteIsolation { get; }

    public abstract IsolationLevel SnapshotIsolation { get; }

    /// <summary>Connects the session.</summary>
    public abstract Task OpenAsync(Session session, CancellationToken cancellation);

    /// <summary>Runs writing work when its turn has come.</summary>
    public abstract Task<T> WriteAsync<T>(Func<Task<T>> work, CancellationToken cancellation);

    /// <summary>Version of the schema, null if there is none.</summary>
    public abstract Task<long?> VersionAsync(CancellationToken cancellation);

    /// <summary>Waits until no other process migrates, and keeps others out until it is disposed.</summary>
    public abstract Task<IAsyncDisposable> LockSchemaAsync(CancellationToken cancellation);

    /// <summary>The peer has gone: what is pooled leads nowhere.</summary>
    public abstract void ForgetConnections();

    public abstract ValueTask DisposeAsync();
}
