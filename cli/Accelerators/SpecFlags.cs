using System.Text.Json;
using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>The flags of an accelerator's spec, <c>acc_specs</c>.</summary>
internal sealed class SpecFlags(
    System.CommandLine.Option<string?> deviceType, System.CommandLine.Option<int?> num, System.CommandLine.Option<bool?> remote,
    System.CommandLine.Option<string?> capability)
{
    /// <summary>What <c>--device-type</c> is.</summary>
    public const string DeviceTypeHelp = "Kind of the device: GPU, FPGA, ...";

    /// <summary>What <c>--num</c> is.</summary>
    public const string NumHelp = "How many attachments it takes at once.";

    /// <summary>What <c>--remote</c> is.</summary>
    public const string RemoteHelp = "Whether it is not in the host itself, but in a rack.";

    /// <summary>What <c>--capability</c> is.</summary>
    public const string CapabilityHelp = "Its capabilities: a JSON object, or @FILE with one.";

    /// <summary>The spec that was given; null if nothing was.</summary>
    /// <exception cref="CliFault">A value is none.</exception>
    public JsonObject? Read(VerbCall call)
    {
        var specs = new JsonObject();
        if (call.Get(remote) is { } isRemote)
            specs["remote"] = isRemote ? 1 : 0;
        if (call.Get(num) is { } count)
            specs["num"] = count >= 1 ? count : throw CliFault.Usage("--num takes a whole number from 1 on");
        if (call.Get(deviceType) is { } type)
            specs["device_type"] = type;
        if (call.Get(capability) is { } text)
            specs["acc_capability"] = Capability(call, text);
        return specs.Count > 0 ? specs : null;
    }

    private static JsonObject Capability(VerbCall call, string text)
    {
        try
        {
            var json = text.StartsWith('@') ? File.ReadAllText(call.Surroundings.FullPath(text[1..])) : text;
            return JsonNode.Parse(json) as JsonObject ?? throw CliFault.Usage("--capability takes a JSON object such as '{\"units\": 2}'");
        }
        catch (JsonException fault)
        {
            throw CliFault.Usage($"--capability is not valid JSON: {Printable.Escape(fault.Message, 200).TrimEnd('.')}; write an object such as '{{\"units\": 2}}'");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CliFault.Usage($"--capability: {Printable.Escape(text[1..], 200)} cannot be read ({fault.GetType().Name})");
        }
    }
}
