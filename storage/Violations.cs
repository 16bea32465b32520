using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>The unique constraints and indexes by name, and how to recognise an error about one of them. PostgreSQL names the constraint;
/// SQLite names its columns. After such an error a PostgreSQL transaction can only be rolled back.</summary>
public static class Violations
{
    /// <summary>A host has one row.</summary>
    public const string HostName = "uq_hosts_name";

    /// <summary>Device uuids.</summary>
    public const string DeviceUuid = "uq_devices_uuid";

    /// <summary>Control path uuids.</summary>
    public const string ControlPathUuid = "uq_controlpath_ids_uuid";

    /// <summary>Deployable uuids.</summary>
    public const string DeployableUuid = "uq_deployables_uuid";

    /// <summary>A resource provider belongs to one deployable.</summary>
    public const string DeployableProvider = "uq_deployables_rp_uuid";

    /// <summary>Attribute uuids.</summary>
    public const string AttributeUuid = "uq_attributes_uuid";

    /// <summary>Attach handle uuids.</summary>
    public const string AttachHandleUuid = "uq_attach_handles_uuid";

    /// <summary>An address stands once in its deployable.</summary>
    public const string AttachHandleInfo = "uq_attach_handles_info";

    /// <summary>An ARQ holds one handle at most.</summary>
    public const string AttachHandleHeld = "uq_attach_handles_held";

    /// <summary>Device profile uuids.</summary>
    public const string DeviceProfileUuid = "uq_device_profiles_uuid";

    /// <summary>Device profile names.</summary>
    public const string DeviceProfileName = "uq_device_profiles_name";

    /// <summary>ARQ uuids.</summary>
    public const string ArqUuid = "uq_arqs_uuid";

    /// <summary>A bind of an ARQ ends once.</summary>
    public const string NovaEventArq = "uq_nova_events_arq";

    /// <summary>A mutating call has one reply.</summary>
    public const string RpcReply = "pk_rpc_replies";

    /// <summary>Accelerator uuids.</summary>
    public const string AcceleratorUuid = "uq_accelerators_uuid";

    /// <summary>Accelerator names.</summary>
    public const string AcceleratorName = "uq_accelerators_name";

    /// <summary>A device is one accelerator.</summary>
    public const string AcceleratorDevice = "uq_accelerators_device";

    /// <summary>Attachment uuids.</summary>
    public const string AttachmentUuid = "uq_accelerator_attachments_uuid";

    /// <summary>A consumer in Placement is one attachment's.</summary>
    public const string AttachmentConsumer = "uq_accelerator_attachments_consumer";

    /// <summary>An ARQ is one attachment's.</summary>
    public const string AttachmentArq = "uq_accelerator_attachments_arq";

    private const int SqliteUnique = 2067, SqlitePrimaryKey = 1555, SqliteForeignKey = 787, SqliteCheck = 275;

    /// <summary>Each unique constraint with its columns as SQLite spells them in an error.</summary>
    internal static FrozenDictionary<string, string> Columns { get; } = new Dictionary<string, string>
    {
        [HostName] = "hosts.name",
        [DeviceUuid] = "devices.uuid",
        [ControlPathUuid] = "controlpath_ids.uuid",
        [DeployableUuid] = "deployables.uuid",
        [DeployableProvider] = "deployables.rp_uuid",
        [AttributeUuid] = "attributes.uuid",
        [AttachHandleUuid] = "attach_handles.uuid",
        [AttachHandleInfo] = "attach_handles.deployable_id, attach_handles.attach_info",
        [AttachHandleHeld] = "attach_handles.arq_uuid",
        [DeviceProfileUuid] = "device_profiles.uuid",
        [DeviceProfileName] = "device_profiles.name",
        [ArqUuid] = "extended_accelerator_requests.uuid",
        [NovaEventArq] = "nova_events.arq_uuid, nova_events.generation",
        [AcceleratorUuid] = "accelerators.uuid",
        [AcceleratorName] = "accelerators.name",
        [AcceleratorDevice] = "accelerators.device_id",
        [AttachmentUuid] = "accelerator_attachments.uuid",
        [AttachmentConsumer] = "accelerator_attachments.consumer_uuid",
        [AttachmentArq] = "accelerator_attachments.arq_uuid",
        [RpcReply] = "rpc_replies.id",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>True if the error says that a row would break the named unique constraint or index.</summary>
    /// <exception cref="ArgumentException">No unique constraint has this name.</exception>
    public static bool IsUniqueViolation(Exception error, string constraintName)
    {
        if (!Columns.TryGetValue(constraintName, out var columns))
            throw new ArgumentException($"no unique constraint is named {constraintName}", nameof(constraintName));
        return Find(error) switch
        {
            PostgresException postgres => postgres.SqlState == PostgresErrorCodes.UniqueViolation && postgres.ConstraintName == constraintName,
            SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteUnique or SqlitePrimaryKey
                && sqlite.Message.Contains($"constraint failed: {columns}'", StringComparison.Ordinal),
            _ => false,
        };
    }

    /// <summary>True if the error says that a row refers to one that is not there, or is still referred to. SQLite does not say which.</summary>
    public static bool IsForeignKeyViolation(Exception error) => Find(error) switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation,
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode == SqliteForeignKey
            || (sqlite.SqliteErrorCode == 19 && sqlite.Message.Contains("FOREIGN KEY", StringComparison.Ordinal)),
        _ => false,
    };

    /// <summary>True if the error says that a row breaks a CHECK constraint.</summary>
    public static bool IsCheckViolation(Exception error) => Find(error) switch
    {
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.CheckViolation,
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode == SqliteCheck,
        _ => false,
    };

    private static Exception? Find(Exception error)
    {
        for (var current = error; current is not null; current = current.InnerException)
        {
            if (current is PostgresException or SqliteException) return current;
        }

        return null;
    }
}
