using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>When Nova is asked what became of the server that an accelerator request is bound to.</summary>
[Migration(Version, "what became of servers")]
public sealed class ServerChecks : SchemaMigration
{
    internal const long Version = 7;

    /// <inheritdoc/>
    public override void Up() => Sql(Arqs);

    // What was bound before this version is looked at soon.
    private const string Arqs = """
        ALTER TABLE extended_accelerator_requests ADD COLUMN check_after {time} NULL;
        ALTER TABLE extended_accelerator_requests ADD COLUMN check_token {uuid} NULL;
        ALTER TABLE extended_accelerator_requests ADD COLUMN check_until {time} NULL;
        ALTER TABLE extended_accelerator_requests ADD COLUMN checks integer NOT NULL DEFAULT 0;
        ALTER TABLE extended_accelerator_requests ADD COLUMN suspect {bool} NOT NULL DEFAULT false;
        UPDATE extended_accelerator_requests SET check_after = created_at WHERE instance_uuid IS NOT NULL;
        CREATE INDEX ix_arqs_check ON extended_accelerator_requests (check_after) WHERE check_after IS NOT NULL;
        """;
}
