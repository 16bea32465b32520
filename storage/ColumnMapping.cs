using System.Globalization;
using System.Text;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace Cyborg.Storage;

/// <summary>How values are written. Enums are their names on both databases. PostgreSQL has its own uuid and timestamptz; on SQLite a uuid is
/// lower-case text and a moment is UTC text of fixed width, so that both compare and sort as text.</summary>
internal static class ColumnMapping
{
    /// <summary>Form of a moment on SQLite; SQLite's own date functions read it as UTC.</summary>
    public const string SqliteTime = "yyyy-MM-dd HH:mm:ss.ffffff";

    public static MappingSchema Postgres { get; } = Build("cyborg.postgres", AddPostgresTime);

    public static MappingSchema Sqlite { get; } = Build("cyborg.sqlite", schema =>
    {
        AddSqliteGuid(schema);
        AddSqliteTime(schema);
    });

    /// <summary>The moment in UTC without what a database would lose: both keep microseconds.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    private static MappingSchema Build(string name, Action<MappingSchema> add)
    {
        var schema = new MappingSchema(name);
        Type[] enums =
        [
            typeof(DeviceType), typeof(DeviceState), typeof(AttachHandleType), typeof(AttachHandleState), typeof(ArqState),
            typeof(AttachTarget), typeof(AttachmentState), typeof(AttachmentStep),
        ];
        foreach (var type in enums)
        {
            schema.SetDefaultFromEnumType(type, typeof(string));
            schema.SetDefaultFromEnumType(typeof(Nullable<>).MakeGenericType(type), typeof(string));
        }

        add(schema);
        return schema;
    }

    private static void AddPostgresTime(MappingSchema schema) =>
        schema.SetConverter<DateTimeOffset, DataParameter>(time => new DataParameter(null, ToMicroseconds(time), DataType.DateTimeOffset));

    private static void AddSqliteGuid(MappingSchema schema)
    {
        schema.SetDataType(typeof(Guid), DataType.VarChar);
        schema.SetConverter<Guid, DataParameter>(uuid => new DataParameter(null, ToText(uuid), DataType.VarChar));
        schema.SetConverter<string, Guid>(text => Guid.ParseExact(text, "D"));
        schema.SetValueToSqlConverter(typeof(Guid), (sql, _, value) => Quote(sql, ToText((Guid)value)));
    }

    private static void AddSqliteTime(MappingSchema schema)
    {
        schema.SetDataType(typeof(DateTimeOffset), DataType.VarChar);
        schema.SetConverter<DateTimeOffset, DataParameter>(time => new DataParameter(null, ToText(time), DataType.VarChar));
        schema.SetConverter<string, DateTimeOffset>(ToTime);
        schema.SetValueToSqlConverter(typeof(DateTimeOffset), (sql, _, value) => Quote(sql, ToText((DateTimeOffset)value)));
    }

    private static string ToText(Guid uuid) => uuid.ToString("D");

    private static string ToText(DateTimeOffset time) => time.UtcDateTime.ToString(SqliteTime, CultureInfo.InvariantCulture);

    private static DateTimeOffset ToTime(string text) =>
        new(DateTime.ParseExact(text, SqliteTime, CultureInfo.InvariantCulture), TimeSpan.Zero);

    private static void Quote(StringBuilder sql, string text) => sql.Append('\'').Append(text).Append('\'');
}
