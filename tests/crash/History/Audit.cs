using Npgsql;

namespace Cyborg.Crash.Tests;

/// <summary>Watches from inside the database: triggers note every change of state, whoever makes it; the notes are judged against the tables of the life
/// cycles.</summary>
internal static class Audit
{
    private const string Triggers = """
        CREATE TABLE crash_notes (
          id bigserial, at timestamptz DEFAULT clock_timestamp(), kind text, uuid uuid, was text, became text, was_arq uuid, became_arq uuid);
        CREATE FUNCTION crash_note_arq() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF OLD.state <> NEW.state THEN
            INSERT INTO crash_notes (kind, uuid, was, became) VALUES ('arq', OLD.uuid, OLD.state, NEW.state); END IF;
          RETURN NULL; END $$;
        CREATE FUNCTION crash_note_handle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF TG_OP = 'DELETE' THEN
            INSERT INTO crash_notes (kind, uuid, was, was_arq) VALUES ('handle', OLD.uuid, OLD.state, OLD.arq_uuid);
          ELSIF OLD.state <> NEW.state OR OLD.arq_uuid IS DISTINCT FROM NEW.arq_uuid THEN
            INSERT INTO crash_notes (kind, uuid, was, became, was_arq, became_arq)
              VALUES ('handle', OLD.uuid, OLD.state, NEW.state, OLD.arq_uuid, NEW.arq_uuid);
          END IF;
          RETURN NULL; END $$;
        CREATE TRIGGER crash_arq AFTER UPDATE ON extended_accelerator_requests FOR EACH ROW EXECUTE FUNCTION crash_note_arq();
        CREATE TRIGGER crash_handle AFTER UPDATE OR DELETE ON attach_handles FOR EACH ROW EXECUTE FUNCTION crash_note_handle();
        """;

    // A bind passes through BindStarted; an unbind leads from anywhere to Unbound.
    private const string Illegal = """
        SELECT kind || ' ' || uuid || ': ' || was || ' -> ' || coalesce(became, 'gone')
          || ' (' || coalesce(was_arq::text, '-') || ' -> ' || coalesce(became_arq::text, '-') || ') at ' || at
        FROM crash_notes
        WHERE NOT CASE kind
          WHEN 'arq' THEN (was, became) IN (('Initial', 'BindStarted'), ('Unbound', 'BindStarted'), ('BindStarted', 'Bound'))
            OR became = 'Unbound'
          ELSE (was = 'Free' AND became = 'Held' AND was_arq IS NULL AND became_arq IS NOT NULL)
            OR (was = 'Held' AND became = 'Releasing' AND was_arq = became_arq)
            OR (was IN ('Held', 'Releasing') AND became = 'Free' AND became_arq IS NULL)
            OR (was = 'Free' AND became IS NULL)
        END
        ORDER BY id
        """;

    public static async Task BeginAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Triggers, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Changes that no life cycle allows.</summary>
    public static Task<List<string>> IllegalAsync(NpgsqlConnection connection, CancellationToken stop) => connection.TextsAsync(Illegal, stop);

    /// <summary>The first column of a query, as text.</summary>
    public static async Task<List<string>> TextsAsync(this NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        var texts = new List<string>();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop)) texts.Add(reader.GetString(0));
        return texts;
    }
}
