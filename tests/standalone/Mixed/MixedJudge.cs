using Cyborg.Model;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Standalone.Tests;

/// <summary>Compares, while nobody walks, what the workers know with everything there is: the API, the database, Placement, Nova and the hardware.</summary>
internal sealed class MixedJudge(MixedCloud cloud, IReadOnlyList<MixedWorker> workers)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly MixedClient _admin = new(cloud, MixedClient.Administrator);

    /// <summary>What is wrong, a line each. What is still under way has its time to end; what does not change any more is judged.</summary>
    public async Task<IReadOnlyList<string>> JudgeAsync(CancellationToken stop)
    {
        var patience = DateTimeOffset.UtcNow + s_patience;
        while (true)
        {
            List<string> wrong = [.. await RequestsAsync(stop), .. await AttachmentsAsync(stop), .. await HandlesAsync(stop), .. Placement(), .. Hardware(), .. Nova()];
            if (wrong.Count == 0 || DateTimeOffset.UtcNow > patience)
                return wrong;
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
        }
    }

    private IEnumerable<(MixedWorker Worker, Guid Accelerator, string Target, MyAttachment Mine)> Attachments() =>
        from worker in workers
        from pair in worker.Attachments
        select (worker, pair.Key.Accelerator, pair.Key.Target, pair.Value);

    private IEnumerable<Guid> HoldingArqs() => Attachments().Select(one => one.Mine.Arq).Concat(workers.SelectMany(worker => worker.Servers.Values.Select(server => server.Arq)));

    private async Task<IEnumerable<string>> AttachmentsAsync(CancellationToken stop)
    {
        var shown = (await _admin.MustAsync(HttpMethod.Get, "/v1/accelerators", null, 200, stop))!["accelerator"]!.AsArray();
        var there = shown.SelectMany(one => one!["attach_info"]!.AsArray().Select(entry =>
            $"attachment {entry!["uuid"]} of {one["uuid"]} to {entry["target_type"]} {entry["target"]} for {entry["project_id"]}: {entry["state"]} {entry["reason"]}"));
        var known = Attachments().Select(one => $"attachment {one.Mine.Uuid} of {one.Accelerator} to {one.Mine.Type} {one.Target} for {one.Worker.Project}: attached ");
        var odd = shown.Where(one => (string)one!["backend"]! == "fake_driver" && !(Handles(one["resource_provider_uuid"]!.ToString(), (string)one["state"]!)))
            .Select(one => $"state: {one!["uuid"]} is shown {one["state"]}");
        return [.. Difference("API", known, there), .. odd];
    }

    // Attached means that nothing is free, and ready that something is.
    private bool Handles(string provider, string state) =>
        Attachments().Count(one => one.Mine.Handle.StartsWith(provider, StringComparison.Ordinal))
            + workers.Sum(worker => worker.Servers.Values.Count(server => $"{server.Provider}" == provider)) == MixedCloud.HandlesPerCard
            ? state is "attached" or "inactive"
            : state is "ready" or "inactive";

    private async Task<IEnumerable<string>> RequestsAsync(CancellationToken stop)
    {
        var shown = (await _admin.MustAsync(HttpMethod.Get, "/v2/accelerator_requests", null, 200, stop))!["arqs"]!.AsArray();
        var there = shown.Select(arq => $"{arq!["uuid"]} {arq["state"]} {arq["instance_uuid"]}");
        var known = Attachments().Select(one => $"{one.Mine.Arq} Bound {(one.Mine.Type == "instance" ? one.Target : "")}")
            .Concat(workers.SelectMany(worker => worker.Servers.Select(pair => $"{pair.Value.Arq} Bound {pair.Key}")))
            .Concat(workers.SelectMany(worker => worker.Loose.Select(arq => $"{arq} Initial ")));
        return Difference("requests", known, there);
    }

    private async Task<IEnumerable<string>> HandlesAsync(CancellationToken stop)
    {
        var there = await cloud.Database.Database.ReadAsync(
            session => session.AttachHandles.Where(row => row.State != AttachHandleState.Free).Select(row => new { row.State, row.ArqUuid }).ToListAsync(stop), stop);
        return Difference("handles", HoldingArqs().Select(arq => $"Held {arq}"), there.Select(row => $"{row.State} {row.ArqUuid}"));
    }

    private IEnumerable<string> Placement()
    {
        var providers = cloud.Placement.Providers;
        var there = providers.Values.SelectMany(provider => provider.Allocations.Select(pair => $"{pair.Key.Consumer} has {pair.Value} of {provider.Uuid}"));
        var known = Attachments().Select(one => $"{one.Mine.Arq} has 1 of {one.Mine.Handle.Split(' ')[0]}")
            .Concat(workers.SelectMany(worker => worker.Servers.Select(pair => $"{pair.Key} has 1 of {pair.Value.Provider}")));
        var owners = Attachments().Where(one => cloud.Placement.Consumers.GetValueOrDefault(one.Mine.Arq)?.Project != one.Worker.Project)
            .Select(one => $"claim of {one.Mine.Arq}: not of project {one.Worker.Project}");
        var reserved = cloud.Providers.Where(uuid => providers[uuid].Inventories[MixedCloud.ResourceClass].Reserved is not (0 or MixedCloud.HandlesPerCard))
            .Select(uuid => $"reserved: {providers[uuid]}");
        return [.. Difference("Placement", known, there), .. owners, .. reserved];
    }

    // What its host attaches for itself is in the hardware's own state; with work on the host all are.
    private IEnumerable<string> Hardware()
    {
        var there = Directory.GetFiles(cloud.Hardware).Select(File.ReadAllText).ToHashSet();
        return Attachments().Where(one => one.Mine.Type == "host" && cloud.Providers.Contains(Guid.Parse(one.Mine.Handle.Split(' ')[0])) && !there.Contains(one.Mine.Arq.ToString()))
            .Select(one => $"hardware: {one.Mine.Arq} is attached to the host, and the card does not know it")
            .Concat(there.Where(arq => !HoldingArqs().Contains(Guid.Parse(arq))).Select(arq => $"hardware: the card is attached for {arq}, which has nothing"));
    }

    // The last word to Nova about each request is what is known of it.
    private IEnumerable<string> Nova()
    {
        var last = cloud.Nova.Actions.Where(done => done.Status == 202).GroupBy(done => done.Arq).ToDictionary(group => group.Key, group => group.Last());
        return Attachments().Where(one => one.Mine.Type == "instance" && !(last.TryGetValue(one.Mine.Arq, out var done) && done.Name == "acc-attach" && $"{done.Server}" == one.Target))
            .Select(one => $"Nova: {one.Mine.Arq} is attached to {one.Target}, and Nova was told otherwise");
    }

    private static IEnumerable<string> Difference(string where, IEnumerable<string> known, IEnumerable<string> there)
    {
        var (wanted, found) = (known.ToList(), there.ToList());
        return wanted.Except(found).Select(line => $"{where} lacks: {line}")
            .Concat(found.Except(wanted).Select(line => $"{where} has: {line}"))
            .Concat(found.GroupBy(line => line).Where(group => group.Count() > 1).Select(group => $"{where} has twice: {group.Key}"));
    }
}
