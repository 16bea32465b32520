using System.Text.Json;
using Cyborg.Conductor.Nova;
using Cyborg.Model;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>The steps of an attachment that the compute service does.</summary>
internal sealed class NovaAttachments(NovaEndpoint nova)
{
    private readonly NovaServerActions _actions = new(nova);

    /// <summary>Looks whether a server is the caller's project's. What another project has is not told from what is not there.</summary>
    public async Task<StepOutcome> CheckAsync(AttachmentRow row, CancellationToken stop)
    {
        var answer = await nova.GetAsync($"/servers/{row.Target}", stop);
        return answer.Status switch
        {
            200 => row.ProjectId is { } project && Project(answer.Body) == project ? StepOutcome.Done : NoServer(row),
            404 => NoServer(row),
            null or >= 500 => StepOutcome.Later(answer.Problem ?? "Nova does not serve."),
            _ => StepOutcome.Refused(answer.Problem ?? $"Nova answered {answer.Status}.", FaultCode.BackendFailed),
        };
    }

    /// <summary>Has Nova attach it.</summary>
    public async Task<StepOutcome> AttachAsync(AttachmentRow row, CancellationToken stop)
    {
        var result = await _actions.AttachAsync(Server(row), row.ConsumerUuid, stop);
        return result.Outcome == ServerActionOutcome.NotSupported
            ? StepOutcome.Refused($"The compute service cannot attach accelerators to servers: it has no action acc-attach ({result.Problem}).")
            : Judge(result, row);
    }

    /// <summary>Has Nova detach it. A server that is gone has nothing any more, and a Nova without the action has attached nothing.</summary>
    public async Task<StepOutcome> DetachAsync(AttachmentRow row, CancellationToken stop)
    {
        var result = await _actions.DetachAsync(Server(row), row.ConsumerUuid, stop);
        return result.Outcome switch
        {
            ServerActionOutcome.ServerNotFound => StepOutcome.Done,
            ServerActionOutcome.NotSupported => StepOutcome.Refused(
                $"The compute service cannot detach accelerators from servers: it has no action acc-detach ({result.Problem}).", FaultCode.NotSupportedByDriver),
            _ => Judge(result, row),
        };
    }

    /// <summary>Looks what became of an action that Nova has taken. A Nova that does not tell has done it, as far as anybody can know.</summary>
    public async Task<StepOutcome> LookAsync(AttachmentRow row, CancellationToken stop)
    {
        var answer = await nova.GetAsync($"/servers/{row.Target}/os-instance-actions/{row.NovaRequest}", stop);
        return answer.Status switch
        {
            200 => Read(answer.Body),
            null or >= 500 => StepOutcome.Later(answer.Problem ?? "Nova does not serve."),
            _ => StepOutcome.Done,
        };
    }

    /// <summary>Judges a record of an action (nova: api/openstack/compute/instance_actions.py). Pure.</summary>
    internal static StepOutcome Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (!document.RootElement.TryGetProperty("instanceAction", out var action) || action.ValueKind != JsonValueKind.Object)
                return StepOutcome.Done;
            // Who may not see events is shown none, and no list.
            if (!action.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Array)
                return Says(action, "message", "Error") ? Failed : StepOutcome.Done;
            List<JsonElement> all = [.. events.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)];
            if (Says(action, "message", "Error") || all.Any(one => Says(one, "result", "Error")))
                return Failed;
            return all.Count > 0 && all.TrueForAll(one => one.TryGetProperty("finish_time", out var end) && end.ValueKind == JsonValueKind.String)
                ? StepOutcome.Done
                : StepOutcome.Wait;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return StepOutcome.Later("Nova's answer makes no sense.");
        }
    }

    private static StepOutcome Failed { get; } = StepOutcome.Refused("The compute service tried and failed; its log says why.", FaultCode.BackendFailed);

    private static StepOutcome NoServer(AttachmentRow row) => StepOutcome.Refused($"The compute service has no server {row.Target}.");

    private static StepOutcome Judge(ServerActionResult result, AttachmentRow row) => result.Outcome switch
    {
        ServerActionOutcome.Accepted => StepOutcome.Done with { NovaRequest = result.RequestId },
        ServerActionOutcome.Unknown => StepOutcome.Later(result.Problem ?? "Nova does not answer."),
        ServerActionOutcome.ServerNotFound => NoServer(row),
        ServerActionOutcome.Conflict => StepOutcome.Refused(result.Problem ?? "The server is in a state in which nothing is attached to it."),
        _ => StepOutcome.Refused(result.Problem ?? "The compute service refuses.", FaultCode.BackendFailed),
    };

    private static Guid Server(AttachmentRow row) => Guid.ParseExact(row.Target, "D");

    private static string? Project(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("server", out var server) && server.TryGetProperty("tenant_id", out var project)
                ? project.GetString()
                : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool Says(JsonElement shown, string name, string value) =>
        shown.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);
}
