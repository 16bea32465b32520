using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Messaging;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Accelerators;

/// <summary>A notification as it crosses the bus; doc/notifications.md describes it for who listens.</summary>
/// <param name="Id">Of what happened: one that is told twice has the same. Later ones have higher ids.</param>
/// <param name="Event">What happened; the last word of the subject.</param>
/// <param name="HappenedAt">When, UTC.</param>
/// <param name="Accelerator">To which.</param>
/// <param name="Reason">Why, for a failure.</param>
internal sealed record Notification(long Id, string Event, DateTimeOffset HappenedAt, NotifiedAccelerator Accelerator, string? Reason);

/// <summary>The accelerator of a notification, as it was then.</summary>
/// <param name="Uuid">Its identity.</param>
/// <param name="Name">Its name.</param>
/// <param name="Host">Its host.</param>
/// <param name="DeviceType">Its kind.</param>
/// <param name="ProjectId">Project that created it; null if it was found.</param>
internal sealed record NotifiedAccelerator(Guid Uuid, string Name, string? Host, string DeviceType, string? ProjectId);

/// <summary>Tells on the bus what happened to accelerators: <c>cyborg.notification.accelerator.EVENT</c>. What is to be told is a row, deleted when the
/// bus has taken it: it is told at least once, whoever dies, and what happened to one accelerator in its order.</summary>
internal sealed partial class Notifications(CyborgDatabase database, IBusTransport bus, ILogger log, TimeProvider time)
{
    /// <summary>What stands before the event in a subject.</summary>
    public const string SubjectPrefix = "cyborg.notification.accelerator.";

    private const int Most = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Claim = Patience + TimeSpan.FromSeconds(5);

    private readonly Pulse _pulse = new(Pulse.Seldom, time);

    /// <summary>There is something to tell.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => _pulse.RunAsync(RoundAsync, error => Log.NotificationsFailed(log, error), stop);

    /// <summary>Tells what is due; true if there may be more.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (bus.ConnectedFor is null || !await database.ReadAsync(AcceleratorEventStore.AnyDueAsync, stop))
            return false;
        var token = Guid.NewGuid();
        var claimed = await database.TransactAsync(session => AcceleratorEventStore.ClaimAsync(session, token, Most, Claim.TotalSeconds), stop);
        if (claimed.Count == 0)
            return false;
        var problem = await TellAsync(claimed, stop);
        List<int> ids = [.. claimed.Select(row => row.Id)];
        await database.TransactAsync(
            session => problem is null
                ? AcceleratorEventStore.DeleteAsync(session, ids, token)
                : AcceleratorEventStore.PostponeAsync(session, ids, token, Delay(claimed[0].Attempts)),
            stop);
        if (problem is not null)
            Log.NotificationsLater(log, claimed.Count, problem);
        return problem is null && claimed.Count == Most;
    }

    /// <summary>A notification's bytes.</summary>
    internal static byte[] Bytes(AcceleratorEventRow row) => JsonSerializer.SerializeToUtf8Bytes(
        new Notification(
            row.Id, row.Event, row.CreatedAt, new NotifiedAccelerator(row.AcceleratorUuid, row.Name, row.Host, row.DeviceType, row.ProjectId), row.Reason),
        NotificationJson.Default.Notification);

    /// <summary>Null if the bus has all of them; else why not.</summary>
    private async Task<string?> TellAsync(List<AcceleratorEventRow> rows, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        var began = time.GetTimestamp();
        try
        {
            foreach (var row in rows)
                await bus.PublishAsync(SubjectPrefix + row.Event, replyTo: null, Bytes(row), patience.Token);
            await bus.FlushAsync(patience.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return error is IOException ? error.Message : "the bus takes nothing";
        }
        // What was sent before a break may be lost with it, whatever was taken after.
        return bus.ConnectedFor is { } connected && connected >= time.GetElapsedTime(began) ? null : "the connection broke";
    }

    private static double Delay(int attempts) => Math.Min(Math.Pow(2, Math.Min(attempts, 10)), 10);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Notification))]
    private sealed partial class NotificationJson : JsonSerializerContext;
}
