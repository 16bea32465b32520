using System.Buffers.Binary;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Data;

namespace Cyborg.Storage;

/// <summary>One connection to the database, usually inside one transaction; given to the work of <see cref="CyborgDatabase"/> and gone when
/// that ends. Not for use by two tasks at once.</summary>
public sealed class Session : DataConnection
{
    internal Session(DataOptions options, bool isPostgres, DateTimeOffset now) : base(options)
    {
        IsPostgres = isPostgres;
        Now = now;
    }

    /// <summary>True on PostgreSQL, false on SQLite.</summary>
    public bool IsPostgres { get; }

    /// <summary>The stamp for everything that this session writes: one moment, UTC, whole microseconds.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Kinds of aggregate that this transaction has changed, sorted; see <see cref="MarkChanged"/>.</summary>
    internal SortedSet<string> Changed { get; } = new(StringComparer.Ordinal);

    /// <summary>Hosts of which this transaction changes what Placement is to show, sorted; see <see cref="ProvidersChanged"/>.</summary>
    internal SortedSet<string> ChangedProviders { get; } = new(StringComparer.Ordinal);

    /// <summary>Table <c>hosts</c>.</summary>
    public ITable<HostRow> Hosts => this.GetTable<HostRow>();

    /// <summary>Table <c>devices</c>.</summary>
    public ITable<DeviceRow> Devices => this.GetTable<DeviceRow>();

    /// <summary>Table <c>controlpath_ids</c>.</summary>
    public ITable<ControlPathRow> ControlPaths => this.GetTable<ControlPathRow>();

    /// <summary>Table <c>deployables</c>.</summary>
    public ITable<DeployableRow> Deployables => this.GetTable<DeployableRow>();

    /// <summary>Table <c>attributes</c>.</summary>
    public ITable<AttributeRow> Attributes => this.GetTable<AttributeRow>();

    /// <summary>Table <c>attach_handles</c>.</summary>
    public ITable<AttachHandleRow> AttachHandles => this.GetTable<AttachHandleRow>();

    /// <summary>Table <c>device_profiles</c>.</summary>
    public ITable<DeviceProfileRow> DeviceProfiles => this.GetTable<DeviceProfileRow>();

    /// <summary>Table <c>extended_accelerator_requests</c>.</summary>
    public ITable<ArqRow> Arqs => this.GetTable<ArqRow>();

    /// <summary>Table <c>rpc_replies</c>.</summary>
    public ITable<RpcReplyRow> RpcReplies => this.GetTable<RpcReplyRow>();

    /// <summary>Table <c>revisions</c>.</summary>
    public ITable<RevisionRow> Revisions => this.GetTable<RevisionRow>();

    /// <summary>Table <c>provider_revisions</c>.</summary>
    public ITable<ProviderRevisionRow> ProviderRevisions => this.GetTable<ProviderRevisionRow>();

    /// <summary>Table <c>nova_events</c>.</summary>
    public ITable<NovaEventRow> NovaEvents => this.GetTable<NovaEventRow>();

    /// <summary>Table <c>accelerators</c>.</summary>
    public ITable<AcceleratorRow> Accelerators => this.GetTable<AcceleratorRow>();

    /// <summary>Table <c>accelerator_attachments</c>.</summary>
    public ITable<AttachmentRow> Attachments => this.GetTable<AttachmentRow>();

    /// <summary>Table <c>accelerator_events</c>.</summary>
    public ITable<AcceleratorEventRow> AcceleratorEvents => this.GetTable<AcceleratorEventRow>();

    /// <summary>Says that this transaction changes a kind of aggregate that conductors cache. Its row of <c>revisions</c> is raised by the transaction's
    /// last statement, so that it is locked no longer than a commit takes.</summary>
    /// <param name="kind"><see cref="RevisionRow.Accelerators"/>, <see cref="RevisionRow.Devices"/> or <see cref="RevisionRow.Profiles"/>.</param>
    public void MarkChanged(string kind) => Changed.Add(kind);

    /// <summary>True if this transaction changes such an aggregate, as far as it has said so.</summary>
    /// <param name="kind">As for <see cref="MarkChanged"/>.</param>
    public bool HasChanged(string kind) => Changed.Contains(kind);

    /// <summary>Says that this transaction changes what Placement is to show of a host: its deployables, their states and attributes, or what of them is
    /// withheld. The host's number is raised at the end, just before the revisions, so that an agent that is told a number finds all that it counts.</summary>
    public void ProvidersChanged(string hostname) => ChangedProviders.Add(hostname);

    /// <summary>True if this transaction changes what Placement is to show of the host, as far as it has said so.</summary>
    public bool HaveProvidersChanged(string hostname) => ChangedProviders.Contains(hostname);

    /// <summary>Holds the instances until the transaction ends, so that two binds of one instance come one after the other. PostgreSQL: one
    /// statement that takes advisory locks in ascending order. SQLite: nothing to do, the writer gate is held. Two uuids may share a lock,
    /// which costs a wait and nothing else.</summary>
    public async Task LockInstancesAsync(IEnumerable<Guid> instances, CancellationToken cancellation = default)
    {
        if (!IsPostgres) return;
        var keys = AdvisoryKeys(instances);
        if (keys.Length == 0) return;

        // unnest keeps the order of its array, and a select list is evaluated row by row.
        await this.ExecuteAsync("SELECT count(pg_advisory_xact_lock(k)) FROM unnest(@keys) AS k", cancellation, new DataParameter("keys", keys))
            .ConfigureAwait(false);
    }

    /// <summary>Inserts the row in one statement, stamps its <see cref="Row.CreatedAt"/> unless it is set, and returns its key, which is also
    /// set in the row.</summary>
    public async Task<int> InsertIdAsync<TRow>(TRow row, CancellationToken cancellation = default) where TRow : Row
    {
        Stamp(row);
        var inserted = await this.GetTable<TRow>().InsertWithOutputAsync(row, cancellation).ConfigureAwait(false);
        return row.Id = inserted.Id;
    }

    /// <summary>Inserts the rows in one statement, on SQLite with as few as its limit of parameters allows, stamping each
    /// <see cref="Row.CreatedAt"/> that is not set. The rows do not learn their keys.</summary>
    public async Task InsertAllAsync<TRow>(IReadOnlyCollection<TRow> rows, CancellationToken cancellation = default) where TRow : Row
    {
        if (rows.Count == 0) return;
        foreach (var row in rows) Stamp(row);
        if (IsPostgres)
        {
            await PostgresInsert<TRow>.RunAsync(this, rows, cancellation).ConfigureAwait(false);
            return;
        }
        // linq2db's own default is the 999 of versions before 3.32.
        var options = new BulkCopyOptions { BulkCopyType = BulkCopyType.MultipleRows, UseParameters = true, MaxParametersForBatch = 32_000, MaxBatchSize = 10_000 };
        await this.GetTable<TRow>().BulkCopyAsync(options, rows, cancellation).ConfigureAwait(false);
    }

    /// <summary>As <see cref="InsertAllAsync"/>, for rows with uuids; their keys by these. One statement, on SQLite two.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="keys">Reads the keys of rows that are there, by their uuids.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task<Dictionary<Guid, int>> InsertKeysAsync<TRow>(
        IReadOnlyCollection<TRow> rows, Func<Task<Dictionary<Guid, int>>> keys, CancellationToken cancellation = default) where TRow : Row
    {
        if (IsPostgres)
        {
            foreach (var row in rows) Stamp(row);
            return rows.Count == 0 ? [] : await PostgresInsert<TRow>.KeysAsync(this, rows, cancellation).ConfigureAwait(false);
        }
        await InsertAllAsync(rows, cancellation).ConfigureAwait(false);
        return await keys().ConfigureAwait(false);
    }

    private void Stamp(Row row)
    {
        if (row.CreatedAt == default) row.CreatedAt = Now;
    }

    /// <summary>Keys of the instances' advisory locks, in the order in which they are taken.</summary>
    internal static long[] AdvisoryKeys(IEnumerable<Guid> instances) => [.. instances.Select(AdvisoryKey).Distinct().Order()];

    private static long AdvisoryKey(Guid instance)
    {
        Span<byte> bytes = stackalloc byte[16];
        instance.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) ^ BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
    }
}
