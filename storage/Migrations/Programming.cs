using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>What deployables run, which of them is being programmed and by whom, and what image a handle's holder wants.</summary>
[Migration(Version, "programming of deployables")]
public sealed class Programming : SchemaMigration
{
    internal const long Version = 4;

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in new[] { Deployables, AttachHandles })
            Sql(statement);
    }

    private const string Deployables = """
        ALTER TABLE deployables ADD COLUMN function_id text NULL;
        ALTER TABLE deployables ADD COLUMN function_trait varchar(255) NULL;
        ALTER TABLE deployables ADD COLUMN program_generation bigint NOT NULL DEFAULT 0;
        ALTER TABLE deployables ADD COLUMN program_image {uuid} NULL;
        ALTER TABLE deployables ADD COLUMN program_function text NULL;
        ALTER TABLE deployables ADD COLUMN program_began {time} NULL;
        ALTER TABLE deployables ADD COLUMN program_call {uuid} NULL;
        ALTER TABLE deployables ADD COLUMN program_token {uuid} NULL;
        ALTER TABLE deployables ADD COLUMN program_until {time} NULL;
        ALTER TABLE deployables ADD COLUMN program_failure text NULL;
        CREATE INDEX ix_deployables_program ON deployables (program_began) WHERE program_began IS NOT NULL;
        """;

    private const string AttachHandles = """
        ALTER TABLE attach_handles ADD COLUMN wants_image {uuid} NULL;
        ALTER TABLE attach_handles ADD COLUMN wants_function text NULL;
        """;
}
