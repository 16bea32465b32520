using System.Globalization;
using System.Text;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Accelerators;

/// <summary><c>GET /v1/accelerators</c>, oldest first. The key is <c>accelerator</c>, as the proposal has it. 1.1 has exact filters, which must all match, and
/// pages: <c>limit</c> and <c>marker</c>, with the address of the next page in <c>accelerator_links</c>.</summary>
internal static class GetAccelerators
{
    private const string ListKey = "accelerator";

    private static readonly string[] Arguments11 =
    [
        "name", "state", "host", "backend", "driver", "device_type", "acc_type", "vendor_id", "remote", "resource_provider_uuid", "limit", "marker",
    ];

    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var operable = call.Version.AtLeast(MicroversionsV1.Operable);
        var query = call.Query(operable ? Arguments11 : []);
        var ask = new ListAccelerators
        {
            Name = query.NonEmpty("name"),
            State = query.NonEmpty("state"),
            Host = query.NonEmpty("host"),
            Backend = query.NonEmpty("backend"),
            Driver = query.NonEmpty("driver"),
            DeviceType = query.NonEmpty("device_type"),
            AccType = query.NonEmpty("acc_type"),
            VendorId = query.NonEmpty("vendor_id"),
            Remote = Remote(query),
            ResourceProvider = query.Uuid("resource_provider_uuid"),
            Limit = Limit(query),
            Marker = query.Uuid("marker"),
        };
        var found = await call.AskAsync(Verbs.ListAccelerators, ask).ConfigureAwait(false);
        return Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray(ListKey);
            foreach (var accelerator in found.Accelerators)
                AcceleratorJson.Write(writer, accelerator, call);
            writer.WriteEndArray();
            if (found.More)
            {
                writer.WriteStartArray("accelerator_links");
                Links.WriteOne(writer, Next(call, query, found.Accelerators[^1].Uuid), "next");
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });
    }

    private static string Next(ApiCall call, QueryArguments query, Guid last)
    {
        var address = new StringBuilder(call.Links.V1("accelerators")).Append('?');
        foreach (var name in Arguments11.Where(name => name != "marker"))
        {
            if (query.NonEmpty(name) is { } value)
                address.Append(name).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
        }
        return address.Append("marker=").Append(last).ToString();
    }

    private static bool? Remote(QueryArguments query) => query.NonEmpty("remote") switch
    {
        null => null,
        "0" => false,
        "1" => true,
        var other => throw ApiException.Malformed($"The remote value \"{ApiException.Shown(other)}\" is neither 0 nor 1"),
    };

    private static int? Limit(QueryArguments query)
    {
        if (query.Text("limit") is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1
            ? limit
            : throw ApiException.Malformed($"The limit value \"{ApiException.Shown(text)}\" is no whole number from 1 on");
    }
}
