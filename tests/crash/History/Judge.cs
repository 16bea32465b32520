using System.Diagnostics;
using Npgsql;

namespace Cyborg.Crash.Tests;

/// <summary>Judges rows, hardware and Nova's journal, once the cloud is calm.</summary>
internal sealed class Judge(Cloud cloud, History history)
{
    // A failed bind that waits for Nova is where it should be.
    private const string Unsettled = """
        SELECT 'ARQ ' || uuid || ' is ' || state FROM extended_accelerator_requests
          WHERE state NOT IN ('Initial', 'Bound', 'Unbound', 'BindFailed') AND failed_at IS NULL
        UNION ALL SELECT 'handle ' || uuid || ' is ' || state || ', job ' || coalesce(job, 'none') || ', ' || job_attempts || ' attempts, '
            || coalesce(job_failure, '')
          FROM attach_handles WHERE job IS NOT NULL OR state NOT IN ('Free', 'Held')
        UNION ALL SELECT 'Nova is owed ' || status || ' of ' || arq_uuid || ', ' || attempts || ' attempts' FROM nova_events WHERE status = 'completed'
        """;

    private const string Contradictions = """
        SELECT 'leaked: handle ' || h.uuid || ' is held by ' || h.arq_uuid || ', which is ' || coalesce(a.state, 'gone')
          FROM attach_handles h LEFT JOIN extended_accelerator_requests a ON a.uuid = h.arq_uuid
          WHERE h.state = 'Held' AND (a.state IS NULL OR a.state NOT IN ('Bound', 'BindStarted', 'BindFailed'))
        UNION ALL SELECT 'lost: ARQ ' || a.uuid || ' is Bound and holds no handle' FROM extended_accelerator_requests a
          WHERE a.state = 'Bound' AND NOT EXISTS (SELECT FROM attach_handles h WHERE h.arq_uuid = a.uuid AND h.state = 'Held')
        UNION ALL SELECT 'doubled: ' || count(*) || ' handles of ' || arq_uuid FROM attach_handles WHERE state = 'Held' GROUP BY arq_uuid HAVING count(*) > 1
        UNION ALL SELECT 'a free handle has an ARQ: ' || uuid FROM attach_handles WHERE state = 'Free' AND arq_uuid IS NOT NULL
        UNION ALL SELECT 'handle in error: ' || uuid FROM attach_handles WHERE state = 'Error'
        """;

    // Host, ARQ.
    private const string Held = """
        SELECT d.hostname || ' ' || h.arq_uuid FROM attach_handles h JOIN deployables p ON p.id = h.deployable_id JOIN devices d ON d.id = p.device_id
        WHERE h.state = 'Held'
        """;

    private const string Places = "SELECT uuid || ' ' || state || ' ' || coalesce(instance_uuid::text, '') FROM extended_accelerator_requests";

    /// <summary>Waits until everything is where it can stay; answers what is not after so long.</summary>
    public async Task<IReadOnlyList<string>> SettleAsync(TimeSpan patience, CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            await using var connection = await cloud.ConnectAsync(stop);
            IReadOnlyList<string> open = [.. await connection.TextsAsync(Unsettled, stop), .. await HardwareAsync(connection, stop)];
            if (open.Count == 0)
            {
                history.Note("settled", "judge", $"{Stopwatch.GetElapsedTime(since).TotalSeconds:F1} s after calm");
                return [];
            }
            if (Stopwatch.GetElapsedTime(since) > patience) return open;
            await Task.Delay(250, stop);
        }
    }

    /// <summary>Judges everything.</summary>
    public async Task RunAsync(IReadOnlyList<Walker> walkers, CancellationToken stop)
    {
        await using var connection = await cloud.ConnectAsync(stop);
        foreach (var text in await connection.TextsAsync(Contradictions, stop)) history.Accuse("rows", text);
        foreach (var text in await Audit.IllegalAsync(connection, stop)) history.Accuse("audit", text);
        foreach (var text in await HardwareAsync(connection, stop)) history.Accuse("hardware", text);
        await JudgeRowsAsync(connection, walkers, stop);
        JudgeEvents(walkers);
    }

    /// <summary>Where rows and hardware disagree.</summary>
    public async Task<IReadOnlyList<string>> HardwareAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var held = (await connection.TextsAsync(Held, stop)).ToHashSet();
        var attached = new List<string>();
        for (var agent = 1; agent <= cloud.Plan.Agents; agent++)
        {
            foreach (var file in Directory.EnumerateFiles(cloud.Hardware(agent)).Where(file => !Path.GetFileName(file).StartsWith('.')))
                attached.Add($"{Cloud.Host(agent)} {await ReadAsync(file, stop)}");
        }
        return
        [
            .. attached.GroupBy(text => text).Where(group => group.Count() > 1).Select(group => $"attached {group.Count()} times: {group.Key}"),
            .. attached.Except(held).Select(text => $"attached, but not held: {text}"),
            .. held.Except(attached).Select(text => $"held, but not attached: {text}"),
        ];
    }

    private static async Task<string> ReadAsync(string file, CancellationToken stop)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, stop)).Trim();
        }
        catch (FileNotFoundException)
        {
            return "just detached";
        }
    }

    private async Task JudgeRowsAsync(NpgsqlConnection connection, IReadOnlyList<Walker> walkers, CancellationToken stop)
    {
        var rows = (await connection.TextsAsync(Places, stop)).Select(text => text.Split(' '))
            .ToDictionary(parts => Guid.Parse(parts[0]), parts => (State: parts[1], Instance: parts[2]));
        foreach (var (arq, knowledge) in walkers.SelectMany(walker => walker.Arqs))
        {
            var seen = rows.TryGetValue(arq, out var row)
                ? new SeenArq(arq, row.State, row.Instance.Length > 0 ? Guid.Parse(row.Instance) : null, null).Place
                : Place.Absent;
            if (seen is null || !knowledge.WasSeen(seen.Value))
                history.Accuse("rows", $"ARQ {arq} ended as {seen}; it may be {string.Join(" or ", knowledge.Places)}");
        }
    }

    private void JudgeEvents(IReadOnlyList<Walker> walkers)
    {
        foreach (var bind in walkers.SelectMany(walker => walker.Binds).Where(bind => !bind.Ended))
        {
            if (!cloud.Nova.Accepted(bind.Instance, bind.Arq, "completed"))
                history.Accuse("events", $"Nova never heard that ARQ {bind.Arq} is bound to {bind.Instance}");
        }
        var arqs = walkers.SelectMany(walker => walker.Arqs.Keys).ToHashSet();
        foreach (var seen in cloud.Nova.Journal.Where(seen => !Guid.TryParse(seen.Tag, out var tag) || !arqs.Contains(tag)))
            history.Accuse("events", $"Nova heard of an ARQ that nobody made: {seen}");
        foreach (var seen in cloud.Nova.Journal.Where(seen => seen.Status != "completed"))
            history.Accuse("events", $"Nova heard of a failure, and no hardware failed: {seen}");
    }
}
