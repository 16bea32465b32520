using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>Accelerators of API v1 (the table of the Pike proposal cyborg-api, with what it takes to make it work), backends of hosts, health of devices,
/// and what is to be told of accelerators.</summary>
[Migration(Version, "accelerators, backends, notifications")]
public sealed class Accelerators : SchemaMigration
{
    internal const long Version = 5;

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in new[] { Hosts, Devices, Table, Events, Known, Revisions })
            Sql(statement);
    }

    private const string Hosts = """
        ALTER TABLE hosts ADD COLUMN backends text NULL;
        """;

    private const string Devices = """
        ALTER TABLE devices ADD COLUMN ill {bool} NOT NULL DEFAULT false;
        """;

    // accelerator_id of the proposal is the key.
    private const string Table = """
        CREATE TABLE accelerators (
            id {identity} CONSTRAINT pk_accelerators {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_accelerators_uuid UNIQUE,
            name varchar(255) NOT NULL CONSTRAINT uq_accelerators_name UNIQUE,
            device_id integer NULL CONSTRAINT uq_accelerators_device UNIQUE CONSTRAINT fk_accelerators_device REFERENCES devices (id) ON DELETE RESTRICT,
            host varchar(255) NULL,
            backend varchar(255) NULL,
            driver varchar(100) NULL,
            made {bool} NOT NULL DEFAULT false,
            device_type varchar(255) NOT NULL,
            acc_type varchar(255) NOT NULL,
            acc_capability text NOT NULL,
            num integer NOT NULL,
            remotable integer NOT NULL,
            vendor_id varchar(255) NULL,
            product_id varchar(255) NULL,
            generation bigint NOT NULL DEFAULT 0,
            project_id varchar(255) NULL,
            state varchar(20) NULL,
            state_reason text NULL,
            pending text NULL,
            job varchar(10) NULL,
            job_began {time} NULL,
            job_token {uuid} NULL,
            job_until {time} NULL,
            job_after {time} NULL,
            job_attempts integer NOT NULL DEFAULT 0,
            job_failure text NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_accelerators_host ON accelerators (host);
        CREATE INDEX ix_accelerators_job ON accelerators (job_after) WHERE job IS NOT NULL;
        """;

    private const string Events = """
        CREATE TABLE accelerator_events (
            id {identity} CONSTRAINT pk_accelerator_events {identity key},
            accelerator_uuid {uuid} NOT NULL,
            name varchar(255) NOT NULL,
            host varchar(255) NULL,
            device_type varchar(255) NOT NULL,
            project_id varchar(255) NULL,
            event varchar(20) NOT NULL,
            reason text NULL,
            attempts integer NOT NULL DEFAULT 0,
            send_after {time} NOT NULL,
            claim_token {uuid} NULL,
            claim_until {time} NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_accelerator_events_due ON accelerator_events (send_after);
        CREATE INDEX ix_accelerator_events_accelerator ON accelerator_events (accelerator_uuid);
        """;

    // Each device that is there already is an accelerator; its driver's own words come with the next report that changes it.
    internal const string Known = """
        INSERT INTO accelerators (uuid, name, device_id, host, driver, device_type, acc_type, acc_capability, num, remotable, vendor_id, created_at)
        SELECT v.uuid,
            CASE WHEN row_number() OVER (PARTITION BY v.name ORDER BY v.id) = 1 THEN v.name ELSE v.name || '-' || CAST(v.uuid AS text) END,
            v.id, v.hostname, v.driver, v.type, lower(v.type), '{"num":' || CAST(v.num AS text) || '}', v.num, 0, v.vendor, v.created_at
        FROM (SELECT d.id, d.uuid, d.hostname, d.driver, d.type, d.vendor, d.created_at,
                coalesce((SELECT p.name FROM deployables p WHERE p.device_id = d.id ORDER BY p.id LIMIT 1), CAST(d.uuid AS text)) AS name,
                coalesce((SELECT CAST(sum(p.num_accelerators) AS integer) FROM deployables p WHERE p.device_id = d.id), 0) AS num
            FROM devices d) AS v
        ORDER BY v.id;
        """;

    private const string Revisions = """
        INSERT INTO revisions (kind, n) VALUES ('accelerators', 0);
        """;
}
