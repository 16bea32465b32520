using Cyborg.Model;
using Cyborg.Storage;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Walker;

/// <summary>Watches a walk from inside the database: triggers note every change of state, whoever makes it, and the notes are judged afterwards
/// against the tables of the life cycles.</summary>
public static class WalkAudit
{
    private sealed record Note(string Kind, string Uuid, string Was, string? Became, string? WasArq, string? BecameArq);

    private const string Table = "CREATE TABLE walk_notes (kind text, uuid text, was text, became text, was_arq text, became_arq text)";

    private static readonly string[] Sqlite =
    [
        Table,
        """
        CREATE TRIGGER walk_arq AFTER UPDATE ON extended_accelerator_requests WHEN OLD.state <> NEW.state BEGIN
          INSERT INTO walk_notes VALUES ('arq', OLD.uuid, OLD.state, NEW.state, NULL, NULL); END
        """,
        """
        CREATE TRIGGER walk_handle AFTER UPDATE ON attach_handles WHEN OLD.state <> NEW.state OR OLD.arq_uuid IS NOT NEW.arq_uuid BEGIN
          INSERT INTO walk_notes VALUES ('handle', OLD.uuid, OLD.state, NEW.state, OLD.arq_uuid, NEW.arq_uuid); END
        """,
        """
        CREATE TRIGGER walk_handle_gone AFTER DELETE ON attach_handles BEGIN
          INSERT INTO walk_notes VALUES ('handle', OLD.uuid, OLD.state, NULL, OLD.arq_uuid, NULL); END
        """,
    ];

    private static readonly string[] Postgres =
    [
        Table,
        """
        CREATE FUNCTION walk_note_arq() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF OLD.state <> NEW.state THEN
            INSERT INTO walk_notes VALUES ('arq', OLD.uuid::text, OLD.state, NEW.state, NULL, NULL); END IF;
          RETURN NULL; END $$
        """,
        """
        CREATE FUNCTION walk_note_handle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF TG_OP = 'DELETE' THEN
            INSERT INTO walk_notes VALUES ('handle', OLD.uuid::text, OLD.state, NULL, OLD.arq_uuid::text, NULL);
          ELSIF OLD.state <> NEW.state OR OLD.arq_uuid IS DISTINCT FROM NEW.arq_uuid THEN
            INSERT INTO walk_notes VALUES ('handle', OLD.uuid::text, OLD.state, NEW.state, OLD.arq_uuid::text, NEW.arq_uuid::text); END IF;
          RETURN NULL; END $$
        """,
        "CREATE TRIGGER walk_arq AFTER UPDATE ON extended_accelerator_requests FOR EACH ROW EXECUTE FUNCTION walk_note_arq()",
        "CREATE TRIGGER walk_handle AFTER UPDATE OR DELETE ON attach_handles FOR EACH ROW EXECUTE FUNCTION walk_note_handle()",
    ];

    /// <summary>Begins to watch, and makes the walk's device profile.</summary>
    public static Task BeginAsync(CyborgDatabase database, CancellationToken stop) =>
        database.TransactAsync(
            async session =>
            {
                foreach (var statement in session.IsPostgres ? Postgres : Sqlite)
                    await session.ExecuteAsync(statement);
                await ProfileStore.InsertAsync(session, new DeviceProfile
                {
                    Uuid = Guid.NewGuid(),
                    Name = Walk.Profile,
                    Groups = [new Dictionary<string, string?> { ["resources:FPGA"] = "3" }],
                    CreatedAt = session.Now,
                });
            },
            stop);

    /// <summary>Everything that is wrong, a line each; and how many changes were seen.</summary>
    public static Task<(int Changes, List<string> Wrong)> JudgeAsync(CyborgDatabase database, CancellationToken stop) =>
        database.ReadSnapshotAsync(
            async session =>
            {
                var notes = await session.QueryToListAsync<Note>("SELECT kind AS Kind, uuid AS Uuid, was AS Was, became AS Became, was_arq AS WasArq, became_arq AS BecameArq FROM walk_notes");
                List<string> wrong = [.. notes.Where(note => !(note.Kind == "arq" ? LegalArq(note) : LegalHandle(note))).Select(note => $"illegal: {note}")];
                wrong.AddRange(await ContradictionsAsync(session));
                return (notes.Count, wrong);
            },
            stop);

    /// <summary>Handles by state.</summary>
    public static Task<Dictionary<AttachHandleState, int>> HandlesAsync(CyborgDatabase database, CancellationToken stop) =>
        database.ReadAsync(
            session => session.AttachHandles.GroupBy(row => row.State).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count),
            stop);

    // A bind without host work passes through BindStarted within its transaction, so that only its end is seen.
    private static bool LegalArq(Note note)
    {
        var (was, became) = (Enum.Parse<ArqState>(note.Was), Enum.Parse<ArqState>(note.Became!));
        return ArqStates.Allows(was, became) || (became == ArqState.Bound && ArqStates.Allows(was, ArqState.BindStarted));
    }

    private static bool LegalHandle(Note note) => (note.Was, note.Became) switch
    {
        ("Free", "Held") => note.WasArq is null && note.BecameArq is not null,
        ("Held", "Free") => note.BecameArq is null,
        ("Free", null) => true,
        _ => false,
    };

    private static async Task<IEnumerable<string>> ContradictionsAsync(Session session)
    {
        var holders = await session.AttachHandles.Where(row => row.State == AttachHandleState.Held).Select(row => row.ArqUuid!.Value).ToListAsync();
        var arqs = await session.Arqs.Select(row => new { row.Uuid, row.State, row.InstanceUuid }).ToListAsync();
        var bound = arqs.Where(arq => arq.State == ArqState.Bound).Select(arq => arq.Uuid).ToList();
        return
        [
            .. holders.Except(bound).Select(arq => $"leaked: a handle is held by {arq}, which is not bound"),
            .. bound.Except(holders).Select(arq => $"lost: {arq} is bound and holds no handle"),
            .. holders.GroupBy(arq => arq).Where(group => group.Count() > 1).Select(group => $"doubled: {group.Key} holds {group.Count()} handles"),
            .. arqs.Where(arq => (arq.InstanceUuid is null) == (arq.State == ArqState.Bound)).Select(arq => $"contradiction: {arq}"),
        ];
    }
}
