using System.Data.Common;
using System.Globalization;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cyborg.Storage.Migrations;

/// <summary>The table in which FluentMigrator notes what it has done.</summary>
internal sealed class SchemaVersion : IVersionTableMetaData
{
    public const string Table = "schema_version";

    public bool OwnsSchema => false;

    /// <summary>The first schema of the connection's search path.</summary>
    public string SchemaName => "";

    public string TableName => Table;

    public string ColumnName => "version";

    public string DescriptionColumnName => "description";

    public string UniqueIndexName => "uq_schema_version_version";

    public string AppliedOnColumnName => "applied_on";

    public bool CreateWithPrimaryKey => false;

    /// <summary>Reads the highest version; null if there is no table or no row.</summary>
    public static async Task<long?> ReadAsync(DbConnection connection, CancellationToken cancellation)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT max(version) FROM {Table}";
        try
        {
            var version = await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
            return version is null or DBNull ? null : Convert.ToInt64(version, CultureInfo.InvariantCulture);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
        catch (SqliteException error) when (error.Message.Contains("no such table", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
