namespace Cyborg.Api.Errors;

/// <summary>What the surface itself finds wrong with a request, before anything is asked of a conductor.</summary>
internal enum ApiError
{
    /// <summary>A body, argument or value is malformed.</summary>
    Malformed,
    /// <summary>The name of a new device profile is missing, empty or too long.</summary>
    ProfileName,
    /// <summary>The body is not JSON by its Content-Type.</summary>
    MediaType,
    /// <summary>The body is larger than the service reads.</summary>
    BodyTooLarge,
    /// <summary>The object that the request names cannot exist.</summary>
    NotFound,
    /// <summary>Policy or a missing service token forbids it.</summary>
    Forbidden,
    /// <summary>The microversion is too old for this part of the request.</summary>
    NeedsNewerVersion,
    /// <summary>The client accepts no JSON, or asks for a microversion that is not there.</summary>
    NotAcceptable,
    /// <summary>Some accelerator request of the instance is still being bound.</summary>
    Unresolved,
}

/// <summary>A fault of the request that the surface found; the text is for the client.</summary>
internal sealed class ApiException(ApiError error, string text) : Exception(text)
{
    /// <summary>What is wrong.</summary>
    public ApiError Error { get; } = error;

    /// <summary>A malformed request, the commonest fault.</summary>
    public static ApiException Malformed(string text) => new(ApiError.Malformed, text);

    /// <summary>A value that is no uuid, in upstream's words.</summary>
    public static ApiException NotUuid(string field, string value) => Malformed(
        $"Invalid input for field/attribute {field}. Value: '{Shown(value)}'. unable to convert to uuid. Error: Expected a uuid but received {Shown(value)}.");

    /// <summary>A client's text as an answer may repeat it: cut, so that an answer never grows with its request.</summary>
    public static string Shown(string value) => value.Length <= 128 ? value : string.Concat(value.AsSpan(0, 128), "...");
}
