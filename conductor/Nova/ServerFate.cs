using System.Text.Json;

namespace Cyborg.Conductor.Nova;

/// <summary>What Nova says became of a server.</summary>
internal enum ServerFate
{
    /// <summary>Nova does not say.</summary>
    Unknown,
    /// <summary>It runs, is being made, or may run again.</summary>
    Alive,
    /// <summary>Its boot has failed, and Nova takes no order for it any more but to delete it.</summary>
    NeverStarted,
    /// <summary>Nova shows no such server.</summary>
    Gone,
}

/// <summary>A look at a server.</summary>
/// <param name="Fate">What became of it.</param>
/// <param name="Problem">Why that is not known, for the log; null if it is.</param>
internal sealed record ServerLook(ServerFate Fate, string? Problem)
{
    private const double NoState = 0;

    /// <summary>Judges Nova's answer to <c>GET /servers/{id}</c> as an administrator at 2.82. Pure. Whatever is not said in so many words counts for the
    /// server: a device must not be taken from a guest.</summary>
    /// <remarks>A server that was never launched, in ERROR and without a task, is Nova's end of a boot that was interrupted: nova-compute sets it at its start
    /// and tells nobody (nova: compute/manager.py, _init_instance), and whatever could start it wants one that was launched (compute/api.py,
    /// check_instance_state). One that fails later was launched. That a hypervisor may have got further than Nova knows is seen by the power state.</remarks>
    public static ServerLook Of(NovaAnswer answer, Guid server)
    {
        switch (answer.Status)
        {
            // Any web server has a 404 for what it does not serve; Nova's names the server.
            case 404 when NovaFault.Message(answer.Body) is { } message && message.Contains(server.ToString(), StringComparison.OrdinalIgnoreCase):
                return new ServerLook(ServerFate.Gone, null);
            case 200:
                return Read(answer.Body, server) is { } fate ? new ServerLook(fate, null) : new ServerLook(ServerFate.Unknown, "Nova's answer is not about the server");
            default:
                return new ServerLook(ServerFate.Unknown, answer.Problem ?? $"Nova answered {answer.Status}");
        }
    }

    private static ServerFate? Read(byte[] body, Guid server)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("server", out var shown)
                || shown.ValueKind != JsonValueKind.Object
                || !shown.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || !Guid.TryParse(id.GetString(), out var uuid) || uuid != server)
            {
                return null;
            }
            return Says(shown, "status", "ERROR") && Says(shown, "OS-EXT-STS:vm_state", "error")
                && IsNull(shown, "OS-EXT-STS:task_state") && IsNull(shown, "OS-SRV-USG:launched_at")
                && shown.TryGetProperty("OS-EXT-STS:power_state", out var power) && power.ValueKind == JsonValueKind.Number && power.GetDouble() == NoState
                    ? ServerFate.NeverStarted
                    : ServerFate.Alive;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool Says(JsonElement shown, string name, string value) =>
        shown.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);

    // Left out is not null: a policy may hide it.
    private static bool IsNull(JsonElement shown, string name) => shown.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Null;
}
