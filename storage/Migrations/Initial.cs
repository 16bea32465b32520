using FluentMigrator;

namespace Cyborg.Storage.Migrations;

/// <summary>The first schema. Tables and columns that upstream has keep their names (upstream: cyborg/db/sqlalchemy/models.py). Text that a
/// client reads back is text, never jsonb, which would not give back the same bytes.</summary>
[Migration(Version, "hosts, inventory, profiles, requests, replies, revisions")]
public sealed class Initial : SchemaMigration
{
    internal const long Version = 1;

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in new[] { Hosts, Devices, ControlPaths, Deployables, Attributes, AttachHandles, Profiles, Arqs, Replies, Revisions })
            Sql(statement);
    }

    private const string Hosts = """
        CREATE TABLE hosts (
            id {identity} CONSTRAINT pk_hosts {identity key},
            name varchar(255) NOT NULL CONSTRAINT uq_hosts_name UNIQUE,
            boot_id {uuid} NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        """;

    private const string Devices = """
        CREATE TABLE devices (
            id {identity} CONSTRAINT pk_devices {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_devices_uuid UNIQUE,
            type varchar(20) NOT NULL,
            vendor varchar(255) NOT NULL,
            model varchar(255) NOT NULL,
            std_board_info text NULL,
            vendor_board_info text NULL,
            hostname varchar(255) NOT NULL,
            driver varchar(100) NOT NULL,
            state varchar(20) NOT NULL,
            state_reason text NULL,
            missing {bool} NOT NULL DEFAULT false,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_devices_hostname ON devices (hostname);
        """;

    private const string ControlPaths = """
        CREATE TABLE controlpath_ids (
            id {identity} CONSTRAINT pk_controlpath_ids {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_controlpath_ids_uuid UNIQUE,
            device_id integer NOT NULL CONSTRAINT fk_controlpath_ids_device REFERENCES devices (id) ON DELETE RESTRICT,
            cpid_type varchar(20) NOT NULL,
            cpid_info text NOT NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_controlpath_ids_device ON controlpath_ids (device_id);
        """;

    private const string Deployables = """
        CREATE TABLE deployables (
            id {identity} CONSTRAINT pk_deployables {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_deployables_uuid UNIQUE,
            parent_id integer NULL CONSTRAINT fk_deployables_parent REFERENCES deployables (id) ON DELETE RESTRICT,
            root_id integer NULL CONSTRAINT fk_deployables_root REFERENCES deployables (id) ON DELETE RESTRICT,
            name varchar(255) NOT NULL,
            num_accelerators integer NOT NULL,
            device_id integer NOT NULL CONSTRAINT fk_deployables_device REFERENCES devices (id) ON DELETE RESTRICT,
            rp_uuid {uuid} NULL CONSTRAINT uq_deployables_rp_uuid UNIQUE,
            driver_name varchar(100) NULL,
            bitstream_id varchar(255) NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_deployables_device ON deployables (device_id);
        CREATE INDEX ix_deployables_parent ON deployables (parent_id);
        CREATE INDEX ix_deployables_root ON deployables (root_id);
        """;

    private const string Attributes = """
        CREATE TABLE attributes (
            id {identity} CONSTRAINT pk_attributes {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_attributes_uuid UNIQUE,
            deployable_id integer NOT NULL CONSTRAINT fk_attributes_deployable REFERENCES deployables (id) ON DELETE RESTRICT,
            key text NOT NULL,
            value text NOT NULL,
            made_by_operator {bool} NOT NULL DEFAULT false,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_attributes_deployable ON attributes (deployable_id);
        """;

    private const string AttachHandles = """
        CREATE TABLE attach_handles (
            id {identity} CONSTRAINT pk_attach_handles {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_attach_handles_uuid UNIQUE,
            deployable_id integer NOT NULL CONSTRAINT fk_attach_handles_deployable REFERENCES deployables (id) ON DELETE RESTRICT,
            cpid_id integer NOT NULL CONSTRAINT fk_attach_handles_cpid REFERENCES controlpath_ids (id) ON DELETE RESTRICT,
            attach_type varchar(20) NOT NULL,
            attach_info text NOT NULL,
            state varchar(20) NOT NULL,
            arq_uuid {uuid} NULL,
            generation bigint NOT NULL DEFAULT 0,
            missing {bool} NOT NULL DEFAULT false,
            created_at {time} NOT NULL,
            updated_at {time} NULL,
            CONSTRAINT uq_attach_handles_info UNIQUE (deployable_id, attach_info),
            CONSTRAINT ck_attach_handles_holder CHECK ((state = 'Free') = (arq_uuid IS NULL) OR state = 'Error')
        );
        CREATE UNIQUE INDEX uq_attach_handles_held ON attach_handles (arq_uuid) WHERE state = 'Held';
        CREATE INDEX ix_attach_handles_arq ON attach_handles (arq_uuid);
        CREATE INDEX ix_attach_handles_cpid ON attach_handles (cpid_id);
        CREATE INDEX ix_attach_handles_free ON attach_handles (deployable_id, state, id);
        """;

    private const string Profiles = """
        CREATE TABLE device_profiles (
            id {identity} CONSTRAINT pk_device_profiles {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_device_profiles_uuid UNIQUE,
            name varchar(255) NOT NULL CONSTRAINT uq_device_profiles_name UNIQUE,
            profile_json text NOT NULL,
            description text NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        """;

    private const string Arqs = """
        CREATE TABLE extended_accelerator_requests (
            id {identity} CONSTRAINT pk_arqs {identity key},
            uuid {uuid} NOT NULL CONSTRAINT uq_arqs_uuid UNIQUE,
            project_id varchar(255) NULL,
            state varchar(20) NOT NULL,
            device_profile_id integer NOT NULL CONSTRAINT fk_arqs_device_profile REFERENCES device_profiles (id) ON DELETE RESTRICT,
            device_profile_group_id integer NOT NULL,
            hostname varchar(255) NULL,
            device_rp_uuid {uuid} NULL,
            instance_uuid {uuid} NULL,
            created_at {time} NOT NULL,
            updated_at {time} NULL
        );
        CREATE INDEX ix_arqs_project ON extended_accelerator_requests (project_id, id);
        CREATE INDEX ix_arqs_device_profile ON extended_accelerator_requests (device_profile_id);
        CREATE INDEX ix_arqs_device_rp ON extended_accelerator_requests (device_rp_uuid);
        CREATE INDEX ix_arqs_instance ON extended_accelerator_requests (instance_uuid);
        """;

    private const string Replies = """
        CREATE TABLE rpc_replies (
            id {uuid} NOT NULL CONSTRAINT pk_rpc_replies PRIMARY KEY,
            verb varchar(100) NOT NULL,
            reply {bytes} NULL,
            created_at {time} NOT NULL
        );
        CREATE INDEX ix_rpc_replies_created ON rpc_replies (created_at);
        """;

    private const string Revisions = """
        CREATE TABLE revisions (
            kind varchar(50) NOT NULL CONSTRAINT pk_revisions PRIMARY KEY,
            n bigint NOT NULL
        );
        INSERT INTO revisions (kind, n) VALUES ('devices', 0), ('profiles', 0);
        """;
}
