using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Services;

/// <summary><c>GET /v1/services</c>: what the backends of all hosts offer, or of one (<c>?host=</c>). <c>POST /v1/services/discover</c> has them asked first, and
/// names the hosts that did not answer.</summary>
internal static class GetServices
{
    public static async Task<Reply> ListAsync(ApiCall call)
    {
        var found = await call.AskAsync(Verbs.ListServices, new ListServices(call.Query("host").NonEmpty("host"))).ConfigureAwait(false);
        return Reply.List("services", found.Services, Write);
    }

    public static async Task<Reply> DiscoverAsync(ApiCall call)
    {
        var found = await call.AskAsync(Verbs.DiscoverServices, new ListServices(call.Query("host").NonEmpty("host"))).ConfigureAwait(false);
        return Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("services");
            foreach (var service in found.Services)
                Write(writer, service);
            writer.WriteEndArray();
            writer.WriteStartArray("silent_hosts");
            foreach (var host in found.Silent)
            {
                writer.WriteStartObject();
                writer.WriteString("host", host.Host);
                writer.WriteString("reason", host.Reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter writer, HostService found)
    {
        var service = found.Service;
        writer.WriteStartObject();
        writer.WriteString("host", found.Host);
        writer.WriteString("driver", service.Driver);
        writer.WriteString("backend", service.Backend);
        writer.WriteString("function", service.Function);
        writer.WriteString("state", State(found));
        writer.WriteString("state_reason", service.Fault);
        writer.WriteNumber("accelerators", service.Accelerators);
        writer.WriteEndObject();
    }

    // What an agent that is not heard has told may be so no more.
    private static string State(HostService found) =>
        !found.Live ? "unknown" : found.Service.Fault is not null ? "error" : found.Service.Up ? "up" : "down";
}
