using Cyborg.Api.Errors;

namespace Cyborg.Api.Calls;

/// <summary>Uuids as clients write them: 32 hex digits with dashes anywhere, in either case (upstream: oslo_utils.uuidutils.is_uuid_like).</summary>
internal static class UuidText
{
    private const int MaxLength = 128;

    /// <summary>Reads a uuid.</summary>
    public static bool TryParse(string text, out Guid uuid)
    {
        uuid = default;
        return text.Length is >= 32 and <= MaxLength && Guid.TryParseExact(text.Replace("-", "", StringComparison.Ordinal), "N", out uuid);
    }

    /// <summary>Reads the uuid of <paramref name="field"/>.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public static Guid Parse(string field, string text) => TryParse(text, out var uuid) ? uuid : throw ApiException.NotUuid(field, text);
}
