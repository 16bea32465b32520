using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Tests;

public class CatalogueTests
{
    private static readonly Dictionary<string, string> s_sqliteTypes = new()
    {
        ["uuid"] = "text",
        ["timestamp with time zone"] = "text",
        ["boolean"] = "integer",
        ["bytea"] = "blob",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_databases_have_the_same_catalogue()
    {
        await using var postgres = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        await using var sqlite = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Cancellation);

        var (left, right) = (await Catalogue.ReadAsync(postgres, Cancellation), await Catalogue.ReadAsync(sqlite, Cancellation));

        Assert.Equal(left.Columns.Select(ToSqlite).Order(StringComparer.Ordinal), right.Columns);
        Assert.Equal(left.Uniques, right.Uniques);
        Assert.Equal(left.ForeignKeys, right.ForeignKeys);
        Assert.Equal(left.Indexes, right.Indexes);
        Assert.Equal(left.Names, right.Names);
        Assert.True(left.Columns.Count > 80 && left.ForeignKeys.Count == 9 && left.Indexes.Count > 10, "the catalogue was not read");
    }

    [Theory, EachDatabase]
    public async Task The_row_classes_have_exactly_the_columns_of_the_tables(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var catalogue = await Catalogue.ReadAsync(test, Cancellation);
        var schema = kind == DatabaseKind.Postgres ? ColumnMapping.Postgres : ColumnMapping.Sqlite;

        var mapped = typeof(Row).Assembly.GetTypes()
            .Where(type => type.GetCustomAttributes(typeof(TableAttribute), inherit: false).Length > 0)
            .Select(type => schema.GetEntityDescriptor(type))
            .SelectMany(table => table.Columns.Select(column => $"{table.Name.Name}.{column.ColumnName} {(column.CanBeNull ? "null" : "not null")}"));

        var present = catalogue.Columns.Select(column => $"{column.Split(' ')[0]} {(column.EndsWith("not null", StringComparison.Ordinal) ? "not null" : "null")}");
        Assert.Equal(present.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Every_unique_constraint_can_be_recognised(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var catalogue = await Catalogue.ReadAsync(test, Cancellation);

        var known = Violations.Columns.Values.Select(columns =>
        {
            var parts = columns.Split(", ").Select(part => part.Split('.')).ToList();
            return $"{parts[0][0]} ({string.Join(", ", parts.Select(part => part[1]))})";
        });

        // Keys that the database makes by itself, and the rows of revisions, are never broken by a caller.
        var present = catalogue.Uniques.Select(unique => unique.Replace(" partial", "", StringComparison.Ordinal))
            .Where(unique => unique is not ("revisions (kind)" or "provider_revisions (hostname)") && (!unique.EndsWith(" (id)", StringComparison.Ordinal) || unique == "rpc_replies (id)"));
        Assert.Equal(present.Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
        var names = catalogue.Names.Concat(catalogue.Indexes.Select(index => index.Split(' ')[0])).ToHashSet();
        Assert.All(Violations.Columns.Keys, name => Assert.Contains(name, names));
    }

    private static string ToSqlite(string column) =>
        s_sqliteTypes.Aggregate(column, (text, pair) => text.Replace($" {pair.Key} ", $" {pair.Value} ", StringComparison.Ordinal));
}
