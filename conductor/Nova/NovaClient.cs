using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Storage;

namespace Cyborg.Conductor.Nova;

/// <summary>What Nova answered to a POST of events.</summary>
/// <param name="Status">HTTP status; null if there was no answer.</param>
/// <param name="Codes">Nova's code of each event by its tag, as far as it gave one.</param>
/// <param name="Problem">For the log; null if all went well.</param>
internal sealed record NovaReply(int? Status, IReadOnlyDictionary<Guid, int> Codes, string? Problem);

/// <summary>Posts <c>accelerator-request-bound</c> events (Nova API, os-server-external-events, microversion 2.82).</summary>
internal sealed partial class NovaClient(NovaEndpoint nova)
{
    /// <summary>Posts all events of one instance at once. Does not throw for anything that Nova or the network does.</summary>
    public async Task<NovaReply> SendAsync(IReadOnlyCollection<NovaEvent> events, CancellationToken stop)
    {
        var body = new EventsBody([.. events.Select(row =>
            new EventBody("accelerator-request-bound", row.InstanceUuid, row.ArqUuid.ToString(), row.Status, null))]);
        var answer = await nova.PostAsync("/os-server-external-events", JsonSerializer.SerializeToUtf8Bytes(body, NovaJson.Default.EventsBody), stop);
        return new NovaReply(answer.Status, Codes(answer.Body), answer.Problem);
    }

    private static Dictionary<Guid, int> Codes(byte[] text)
    {
        var codes = new Dictionary<Guid, int>();
        if (text.Length == 0)
            return codes;
        try
        {
            foreach (var answered in JsonSerializer.Deserialize(text, NovaJson.Default.EventsBody)?.Events ?? [])
            {
                if (answered?.Code is { } code && Guid.TryParse(answered.Tag, out var tag))
                    codes[tag] = code;
            }
        }
        catch (JsonException)
        {
            // An error page; the status says enough.
        }
        return codes;
    }

    internal sealed record EventsBody(IReadOnlyList<EventBody?>? Events);

    internal sealed record EventBody(string? Name, Guid? ServerUuid, string? Tag, string? Status, int? Code);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(EventsBody))]
    private sealed partial class NovaJson : JsonSerializerContext;
}
