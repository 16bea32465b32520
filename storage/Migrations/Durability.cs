using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>What must survive any process: leases of agents, jobs on handles, failures of binds, and messages owed to Nova.</summary>
[Migration(Version, "leases, jobs, outbox")]
public sealed class Durability : SchemaMigration
{
    internal const long Version = 2;

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in new[] { Hosts, AttachHandles, Arqs, Events })
            Sql(statement);
    }

    private const string Hosts = """
        ALTER TABLE hosts ADD COLUMN agent_id {uuid} NULL;
        ALTER TABLE hosts ADD COLUMN boot_number bigint NOT NULL DEFAULT 0;
        ALTER TABLE hosts ADD COLUMN seen_at {time} NULL;
        ALTER TABLE hosts ADD COLUMN checksum varchar(64) NULL;
        ALTER TABLE hosts ADD COLUMN fenced {bool} NOT NULL DEFAULT false;
        ALTER TABLE hosts ADD COLUMN epoch bigint NOT NULL DEFAULT 0;
        """;

    private const string AttachHandles = """
        ALTER TABLE attach_handles ADD COLUMN host_work {bool} NOT NULL DEFAULT false;
        ALTER TABLE attach_handles ADD COLUMN job varchar(10) NULL;
        ALTER TABLE attach_handles ADD COLUMN job_began {time} NULL;
        ALTER TABLE attach_handles ADD COLUMN job_token {uuid} NULL;
        ALTER TABLE attach_handles ADD COLUMN job_until {time} NULL;
        ALTER TABLE attach_handles ADD COLUMN job_after {time} NULL;
        ALTER TABLE attach_handles ADD COLUMN job_attempts integer NOT NULL DEFAULT 0;
        ALTER TABLE attach_handles ADD COLUMN job_failure text NULL;
        CREATE INDEX ix_attach_handles_job ON attach_handles (job_after) WHERE job IS NOT NULL;
        """;

    private const string Arqs = """
        ALTER TABLE extended_accelerator_requests ADD COLUMN generation bigint NOT NULL DEFAULT 0;
        ALTER TABLE extended_accelerator_requests ADD COLUMN failure text NULL;
        ALTER TABLE extended_accelerator_requests ADD COLUMN failed_at {time} NULL;
        CREATE INDEX ix_arqs_failed ON extended_accelerator_requests (failed_at) WHERE failed_at IS NOT NULL;
        """;

    private const string Events = """
        CREATE TABLE nova_events (
            id {identity} CONSTRAINT pk_nova_events {identity key},
            instance_uuid {uuid} NOT NULL,
            arq_uuid {uuid} NOT NULL,
            generation bigint NOT NULL,
            status varchar(20) NOT NULL,
            attempts integer NOT NULL DEFAULT 0,
            send_after {time} NOT NULL,
            claim_token {uuid} NULL,
            claim_until {time} NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL,
            CONSTRAINT uq_nova_events_arq UNIQUE (arq_uuid, generation)
        );
        CREATE INDEX ix_nova_events_due ON nova_events (send_after);
        CREATE INDEX ix_nova_events_instance ON nova_events (instance_uuid);
        """;
}
