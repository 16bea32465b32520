using System.Globalization;
using Cyborg.Model;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>How ARQs are shown, without a session. Nova asks for them in the middle of every boot, so on PostgreSQL it is a bare prepared statement.</summary>
public static class ArqReads
{
    private const string Shown = """
        SELECT a.uuid, a.state, p.name, a.device_profile_group_id, a.hostname, a.device_rp_uuid, a.instance_uuid, a.project_id,
            h.uuid, h.attach_type, h.attach_info, a.created_at, a.updated_at
        FROM extended_accelerator_requests a
        LEFT JOIN device_profiles p ON p.id = a.device_profile_id
        LEFT JOIN attach_handles h ON h.arq_uuid = a.uuid AND h.state = 'Held'
        """;

    /// <summary>As <see cref="ArqStore.ListAsync"/>.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public static Task<List<AcceleratorRequest>> ListAsync(CyborgDatabase database, ProjectScope scope, Guid? instance, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(scope);
        return database.Backend is PostgresBackend postgres
            ? database.RetryAsync(() => ReadAsync(postgres, scope, ("instance_uuid", instance), cancellation), cancellation)
            : database.ReadAsync(session => ArqStore.ListAsync(session, scope, instance), cancellation);
    }

    /// <summary>As <see cref="ArqStore.FindAsync"/>.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public static async Task<AcceleratorRequest?> FindAsync(CyborgDatabase database, ProjectScope scope, Guid uuid, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(scope);
        return database.Backend is PostgresBackend postgres
            ? (await database.RetryAsync(() => ReadAsync(postgres, scope, ("uuid", uuid), cancellation), cancellation).ConfigureAwait(false)).SingleOrDefault()
            : await database.ReadAsync(session => ArqStore.FindAsync(session, scope, uuid), cancellation).ConfigureAwait(false);
    }

    private static async Task<List<AcceleratorRequest>> ReadAsync(
        PostgresBackend postgres, ProjectScope scope, (string Column, Guid? Value) only, CancellationToken cancellation)
    {
        // A caller without a project owns nothing.
        if (scope is { AllProjects: false, ProjectId: null })
            return [];
        List<(string Column, NpgsqlParameter Value)> conditions = [];
        if (only.Value is { } uuid)
            conditions.Add((only.Column, PostgresBatch.Value(uuid)));
        if (!scope.AllProjects)
            conditions.Add(("project_id", PostgresBatch.Value(scope.ProjectId)));
        var command = postgres.Command(Text([.. conditions.Select(condition => condition.Column)]));
        await using (command.ConfigureAwait(false))
        {
            foreach (var (_, value) in conditions)
                command.Parameters.Add(value);
            var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var arqs = new List<AcceleratorRequest>();
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    arqs.Add(Read(reader));
                return arqs;
            }
        }
    }

    private static string Text(IReadOnlyList<string> columns)
    {
        var conditions = columns.Select((column, n) => string.Create(CultureInfo.InvariantCulture, $"a.{column} = ${n + 1}"));
        return columns.Count == 0 ? $"{Shown} ORDER BY a.id" : $"{Shown} WHERE {string.Join(" AND ", conditions)} ORDER BY a.id";
    }

    private static AcceleratorRequest Read(NpgsqlDataReader row) => new()
    {
        Uuid = row.GetGuid(0),
        State = Enum.Parse<ArqState>(row.GetString(1)),
        DeviceProfileName = Text(row, 2),
        DeviceProfileGroupId = row.GetInt32(3),
        Hostname = Text(row, 4),
        DeviceRpUuid = Uuid(row, 5),
        InstanceUuid = Uuid(row, 6),
        ProjectId = Text(row, 7),
        AttachHandleUuid = Uuid(row, 8),
        AttachHandleType = row.IsDBNull(9) ? null : Enum.Parse<AttachHandleType>(row.GetString(9)),
        AttachHandleInfo = Text(row, 10),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(11),
        UpdatedAt = row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12),
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Guid? Uuid(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
}
