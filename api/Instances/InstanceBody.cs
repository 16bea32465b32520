using System.Text.Json;
using Cyborg.Api.Accelerators;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Instances;

/// <summary>Reads what is to be attached to an instance, or detached from it.</summary>
internal static class InstanceBody
{
    private const int MaxWord = 255;

    private static readonly string[] AttachKeys = ["accelerator", "device_profile"];
    private static readonly string[] DetachKeys = ["accelerator"];

    /// <summary>An accelerator's uuid or name, or a device profile's name or uuid, or neither.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static (string? Accelerator, string? Profile) ParseAttach(JsonElement body)
    {
        AcceleratorBody.CheckObject(body, AttachKeys, "What is to be attached", "");
        var (accelerator, profile) = (Word(body, "accelerator"), Word(body, "device_profile"));
        return accelerator is null || profile is null
            ? (accelerator, profile)
            : throw ApiException.Malformed("It takes an accelerator or a device_profile, not both.");
    }

    /// <summary>An accelerator's uuid or name, or null for all that the instance has.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static string? ParseDetach(JsonElement body)
    {
        AcceleratorBody.CheckObject(body, DetachKeys, "What is to be detached", "");
        return Word(body, "accelerator");
    }

    private static string? Word(JsonElement body, string key) => AcceleratorBody.Text(body, key) is not { } word ? null
        : word.Length is > 0 and <= MaxWord ? word
        : throw ApiException.Malformed($"Invalid input for field/attribute {key}. It takes 1 to {MaxWord} characters, got {word.Length}.");
}
