using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Accelerators;

/// <summary><c>GET /v1/accelerators/{uuid}/usage</c>, from 1.1 on: what the agent has last broadcast, or since when nothing is known. Null is not 0.</summary>
internal static class GetUsage
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        if (!call.Version.AtLeast(MicroversionsV1.Operable))
            throw new ApiException(ApiError.NotFound, "Usage is shown from version 1.1 on.");
        call.Query();
        var usage = await call.AskAsync(Verbs.ShowUsage, new ById(GetAccelerator.Uuid(call))).ConfigureAwait(false);
        return Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("uuid", usage.Uuid);
            if (usage.Figures is null)
            {
                writer.WriteNull("usage");
            }
            else
            {
                writer.WriteStartObject("usage");
                foreach (var (name, value) in usage.Figures.OrderBy(figure => figure.Key, StringComparer.Ordinal))
                    writer.WriteNumber(name, value);
                writer.WriteEndObject();
            }
            writer.WriteString("measured_at", usage.MeasuredAt is { } measured ? JsonWriting.DateText(measured) : null);
            writer.WriteString("unknown_since", usage.UnknownSince is { } since ? JsonWriting.DateText(since) : null);
            writer.WriteEndObject();
        });
    }
}
