using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>What accelerators of API v1 are attached to. Their ARQs need no device profile, and their handles may be their own host's.</summary>
[Migration(Version, "attachments of accelerators")]
public sealed class Attachments : SchemaMigration
{
    internal const long Version = 6;

    /// <inheritdoc/>
    public override void Up()
    {
        Sql(Table);
        Sql(AttachHandles);
        Sql(ArqsOfPostgres, ArqsOfSqlite);
    }

    // No foreign keys: a row outlives its ARQ until the claim is given back, and its accelerator if that is pulled out before it was bound.
    private const string Table = """
        CREATE TABLE accelerator_attachments (
            id {identity} CONSTRAINT pk_accelerator_attachments {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_accelerator_attachments_uuid UNIQUE,
            accelerator_uuid {uuid} NOT NULL,
            consumer_uuid {uuid} NOT NULL CONSTRAINT uq_accelerator_attachments_consumer UNIQUE,
            arq_uuid {uuid} NULL CONSTRAINT uq_accelerator_attachments_arq UNIQUE,
            target_type varchar(20) NOT NULL,
            target varchar(255) NOT NULL,
            state varchar(20) NOT NULL,
            step varchar(20) NULL,
            reason text NULL,
            fault varchar(50) NULL,
            profile_id integer NULL,
            deployable_id integer NULL,
            project_id varchar(255) NULL,
            user_id varchar(255) NULL,
            nova_request varchar(100) NULL,
            generation bigint NOT NULL DEFAULT 0,
            job_began {time} NULL,
            job_token {uuid} NULL,
            job_until {time} NULL,
            job_after {time} NULL,
            job_attempts integer NOT NULL DEFAULT 0,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_accelerator_attachments_accelerator ON accelerator_attachments (accelerator_uuid);
        CREATE INDEX ix_accelerator_attachments_target ON accelerator_attachments (target);
        CREATE INDEX ix_accelerator_attachments_job ON accelerator_attachments (job_after) WHERE step IS NOT NULL;
        """;

    private const string AttachHandles = """
        ALTER TABLE attach_handles ADD COLUMN to_host {bool} NOT NULL DEFAULT false;
        """;

    private const string ArqsOfPostgres = """
        ALTER TABLE extended_accelerator_requests ALTER COLUMN device_profile_id DROP NOT NULL;
        """;

    // SQLite changes no column: the table is made anew, with its rows and the keys that it has given out. Nothing refers to it.
    private const string ArqsOfSqlite = """
        CREATE TABLE arqs_with_and_without_profile (
            id {identity} CONSTRAINT pk_arqs {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_arqs_uuid UNIQUE,
            project_id varchar(255) NULL,
            state varchar(20) NOT NULL,
            device_profile_id integer NULL CONSTRAINT fk_arqs_device_profile REFERENCES device_profiles (id) ON DELETE RESTRICT,
            device_profile_group_id integer NOT NULL,
            hostname varchar(255) NULL,
            device_rp_uuid {uuid} NULL,
            instance_uuid {uuid} NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL,
            generation bigint NOT NULL DEFAULT 0,
            failure text NULL,
            failed_at {time} NULL
        );
        INSERT INTO arqs_with_and_without_profile (id, uuid, project_id, state, device_profile_id, device_profile_group_id, hostname, device_rp_uuid,
                instance_uuid, created_at, updated_at, generation, failure, failed_at)
            SELECT id, uuid, project_id, state, device_profile_id, device_profile_group_id, hostname, device_rp_uuid,
                instance_uuid, created_at, updated_at, generation, failure, failed_at
            FROM extended_accelerator_requests ORDER BY id;
        DELETE FROM sqlite_sequence WHERE name = 'arqs_with_and_without_profile';
        INSERT INTO sqlite_sequence (name, seq)
            SELECT 'arqs_with_and_without_profile', seq FROM sqlite_sequence WHERE name = 'extended_accelerator_requests';
        DROP TABLE extended_accelerator_requests;
        ALTER TABLE arqs_with_and_without_profile RENAME TO extended_accelerator_requests;
        CREATE INDEX ix_arqs_project ON extended_accelerator_requests (project_id, id);
        CREATE INDEX ix_arqs_device_profile ON extended_accelerator_requests (device_profile_id);
        CREATE INDEX ix_arqs_device_rp ON extended_accelerator_requests (device_rp_uuid);
        CREATE INDEX ix_arqs_instance ON extended_accelerator_requests (instance_uuid);
        CREATE INDEX ix_arqs_failed ON extended_accelerator_requests (failed_at) WHERE failed_at IS NOT NULL;
        """;
}
