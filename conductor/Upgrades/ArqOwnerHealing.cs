using System.Text.Json;
using Cyborg.Conductor.Nova;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Upgrades;

/// <summary>How a healing ended.</summary>
/// <param name="Migrated">ARQs that got their owner.</param>
/// <param name="Left">ARQs of instances that still have none.</param>
/// <param name="Reason">Why some are left, in a clause; null if none are.</param>
public sealed record HealedOwners(int Migrated, int Left, string? Reason);

/// <summary>Gives ARQs without <c>project_id</c> the project of their instance, by asking Nova for it (upstream: cyborg's data_migrations, run by its conductor
/// at its start and by <c>cyborg-dbsync online_data_migrations</c>). It may run beside services, be stopped at any time and be run again. An ARQ that is bound
/// to nothing has no owner to be found, and does not count.</summary>
public static class ArqOwnerHealing
{
    private const int Batch = 100;
    private const int MaxProject = 255;

    /// <summary>Heals all that can be healed.</summary>
    /// <param name="database">The database.</param>
    /// <param name="options">How Nova is reached.</param>
    /// <param name="logs">Where the session with Nova logs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Model.FaultException">The database cannot be reached.</exception>
    public static async Task<HealedOwners> RunAsync(
        CyborgDatabase database, NovaOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        using var nova = NovaEndpoint.Open(options, logs, time);
        return await RunAsync(database, nova, cancellationToken);
    }

    /// <summary>What a conductor does once, at its start.</summary>
    internal static async Task AtStartAsync(CyborgDatabase database, NovaEndpoint nova, ILogger log, CancellationToken stop)
    {
        try
        {
            var healed = await RunAsync(database, nova, stop);
            if (healed.Migrated > 0)
                Log.OwnersHealed(log, healed.Migrated);
            if (healed.Left > 0)
                Log.OwnersNotHealed(log, healed.Left, healed.Reason ?? "");
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // The conductor stops.
        }
        catch (Exception error)
        {
            // Whatever it is: nothing else depends on it, and the next start, or cyborg-dbsync, does it.
            Log.OwnersNotLookedAt(log, error);
        }
    }

    private static async Task<HealedOwners> RunAsync(CyborgDatabase database, NovaEndpoint? nova, CancellationToken stop)
    {
        var (migrated, reason, after) = (0, (string?)null, 0);
        var asked = new HashSet<Guid>();
        while (await database.ReadAsync(session => ArqOwners.ListAsync(session, after, Batch, stop), stop) is { Count: > 0 } arqs)
        {
            if (nova is null)
            {
                reason = "there is no [nova] section by which their instances' project could be asked for";
                break;
            }
            foreach (var instance in arqs.Select(arq => arq.Instance).Where(asked.Add))
            {
                var (project, why) = await AskAsync(nova, instance, stop);
                reason ??= why;
                if (project is not null)
                    migrated += await database.TransactAsync(session => ArqOwners.SetAsync(session, instance, project, stop), stop);
            }
            after = arqs[^1].Id;
        }
        return new HealedOwners(migrated, await database.ReadAsync(session => ArqOwners.CountAsync(session, stop), stop), reason);
    }

    private static async Task<(string? Project, string? Why)> AskAsync(NovaEndpoint nova, Guid instance, CancellationToken stop)
    {
        var answer = await nova.GetAsync($"/servers/{instance}", stop);
        if (answer.Status == 404)
            return (null, $"Nova knows no server {instance}");
        if (answer.Problem is { } problem)
            return (null, problem);
        return ProjectIn(answer.Body) is { } project ? (project, null) : (null, $"Nova's answer tells no project of server {instance}");
    }

    /// <summary>The project of a server, as Nova shows it; null if it does not.</summary>
    internal static string? ProjectIn(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("server", out var server) && server.TryGetProperty("tenant_id", out var project)
                && project.ValueKind == JsonValueKind.String && project.GetString() is { Length: > 0 and <= MaxProject } text
                ? text
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
