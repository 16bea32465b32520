using System.Text.RegularExpressions;
using Cyborg.TestServers;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

/// <summary>What a database says about its own tables, in words that both databases share.</summary>
/// <param name="Columns">"table.column type null|not null".</param>
/// <param name="Uniques">"table (columns) [partial]", keys included.</param>
/// <param name="ForeignKeys">"table.column -> table.column action".</param>
/// <param name="Indexes">"name table (columns)", of those that were made by CREATE INDEX.</param>
/// <param name="Names">Names of all constraints.</param>
internal sealed partial record Catalogue(
    SortedSet<string> Columns, SortedSet<string> Uniques, SortedSet<string> ForeignKeys, SortedSet<string> Indexes, SortedSet<string> Names)
{
    public static Task<Catalogue> ReadAsync(TestDatabase test, CancellationToken cancellation) => test.Database.ReadAsync(
        session => session.IsPostgres ? PostgresAsync(session, cancellation) : SqliteAsync(session, cancellation), cancellation);

    private static async Task<Catalogue> PostgresAsync(Session session, CancellationToken cancellation) => new(
        await SetAsync(session, """
            SELECT table_name || '.' || column_name || ' '
              || CASE data_type WHEN 'character varying' THEN 'varchar(' || character_maximum_length || ')' ELSE data_type END
              || CASE is_nullable WHEN 'YES' THEN ' null' ELSE ' not null' END
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_version'
            """, cancellation),
        await SetAsync(session, """
            SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY AS k(attnum, n)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' || CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END
            FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
            WHERE x.indisunique AND n.nspname = 'public' AND t.relname <> 'schema_version'
            """, cancellation),
        await SetAsync(session, """
            SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname || ' ' || CASE c.confdeltype WHEN 'r' THEN 'RESTRICT' ELSE c.confdeltype::text END
            FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1]
            WHERE c.contype = 'f'
            """, cancellation),
        await SetAsync(session, """
            SELECT i.relname || ' ' || t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY AS k(attnum, n)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')'
            FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = t.relnamespace
            WHERE n.nspname = 'public' AND t.relname <> 'schema_version' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype <> 'f')
            """, cancellation),
        await SetAsync(session, """
            SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
            WHERE n.nspname = 'public' AND t.relname <> 'schema_version' AND c.contype <> 'n'
            """, cancellation));

    private static async Task<Catalogue> SqliteAsync(Session session, CancellationToken cancellation)
    {
        const string tables = "(SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version') AS t";
        const string columnsOf = "(SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))";
        var uniques = await SetAsync(session,
            $"SELECT t.name || ' (' || {columnsOf} || ')' || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END FROM {tables}, pragma_index_list(t.name) AS i WHERE i.\"unique\" = 1", cancellation);
        uniques.UnionWith(await SetAsync(session, $"SELECT t.name || ' (id)' FROM {tables} WHERE t.sql LIKE '%AUTOINCREMENT%'", cancellation));
        return new Catalogue(
            await SetAsync(session,
                $"SELECT t.name || '.' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE ' null' END FROM {tables}, pragma_table_info(t.name) AS c", cancellation),
            uniques,
            await SetAsync(session,
                $"SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" || ' ' || f.on_delete FROM {tables}, pragma_foreign_key_list(t.name) AS f", cancellation),
            await SetAsync(session,
                $"SELECT i.name || ' ' || t.name || ' (' || {columnsOf} || ')' FROM {tables}, pragma_index_list(t.name) AS i WHERE i.origin = 'c'", cancellation),
            [.. (await SetAsync(session, $"SELECT t.sql FROM {tables}", cancellation)).SelectMany(sql => ConstraintName().Matches(sql)).Select(match => match.Groups[1].Value)]);
    }

    private static async Task<SortedSet<string>> SetAsync(Session session, string sql, CancellationToken cancellation) =>
        new(await session.QueryToListAsync<string>(sql, cancellation), StringComparer.Ordinal);

    [GeneratedRegex(@"CONSTRAINT (\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex ConstraintName();
}
