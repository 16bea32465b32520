using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Versions;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>An accelerator as clients see it: in 1.0 what the Pike proposal (cyborg-api) shows and no more.</summary>
internal static class AcceleratorJson
{
    public static void Write(Utf8JsonWriter writer, Accelerator accelerator, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", accelerator.Uuid);
        WriteSpecs(writer, accelerator.Specs);
        if (call.Version.AtLeast(MicroversionsV1.Operable))
            WriteMore(writer, accelerator, call);
        writer.WriteEndObject();
    }

    private static void WriteSpecs(Utf8JsonWriter writer, AccSpecs specs)
    {
        writer.WriteStartObject("acc_specs");
        writer.WriteNumber("remote", specs.Remote ? 1 : 0);
        writer.WriteNumber("num", specs.Num);
        writer.WriteString("device_type", specs.DeviceType);
        // The very bytes that were given: order of keys and spelling of numbers included. They were parsed before they were stored.
        writer.WritePropertyName("acc_capability");
        writer.WriteRawValue(specs.Capability, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteMore(Utf8JsonWriter writer, Accelerator accelerator, ApiCall call)
    {
        writer.WriteString("name", accelerator.Name);
        writer.WriteString("state", AcceleratorStates.Word(accelerator.State));
        writer.WriteString("state_reason", accelerator.StateReason);
        writer.WriteString("host", accelerator.Host);
        writer.WriteString("backend", accelerator.Backend);
        writer.WriteString("driver", accelerator.Driver);
        writer.WriteString("acc_type", accelerator.AccType);
        writer.WriteString("vendor_id", accelerator.VendorId);
        writer.WriteString("product_id", accelerator.ProductId);
        writer.WriteUuid("resource_provider_uuid", accelerator.ResourceProviders.Count > 0 ? accelerator.ResourceProviders[0] : null);
        writer.WriteStartArray("resource_provider_uuids");
        foreach (var provider in accelerator.ResourceProviders)
            writer.WriteStringValue(provider);
        writer.WriteEndArray();
        AttachmentJson.WriteAll(writer, accelerator.Attachments);
        writer.WriteNumber("generation", accelerator.Generation);
        writer.WriteStartArray("links");
        Links.WriteOne(writer, call.Links.V1("accelerators", accelerator.Uuid), "self");
        writer.WriteEndArray();
        writer.WriteDates(accelerator.CreatedAt, accelerator.UpdatedAt);
    }
}
