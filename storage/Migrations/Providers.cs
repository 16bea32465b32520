using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>What Placement is to show: which hosts write it, how often it changed, which fences it shows, and what is missing.</summary>
[Migration(Version, "what Placement is to show")]
public sealed class Providers : SchemaMigration
{
    internal const long Version = 3;

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in new[] { Hosts, Deployables, Revisions })
            Sql(statement);
    }

    // A fence of a host that was fenced before this version is shown too: 0 is no epoch of a fence.
    private const string Hosts = """
        ALTER TABLE hosts ADD COLUMN manages_providers {bool} NOT NULL DEFAULT false;
        ALTER TABLE hosts ADD COLUMN fence_shown bigint NOT NULL DEFAULT 0;
        """;

    private const string Deployables = """
        ALTER TABLE deployables ADD COLUMN missing {bool} NOT NULL DEFAULT false;
        """;

    // Not a column of hosts: that row is locked first in a transaction, and this one last. Not a kind of revisions, whose names are short.
    private const string Revisions = """
        CREATE TABLE provider_revisions (
            hostname varchar(255) NOT NULL CONSTRAINT pk_provider_revisions PRIMARY KEY,
            n bigint NOT NULL
        );
        """;
}
