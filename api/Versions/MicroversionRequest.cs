using Cyborg.Api.Errors;

namespace Cyborg.Api.Versions;

/// <summary>Which microversion a request asks for, from its <c>OpenStack-API-Version</c> header (upstream: cyborg/api/controllers/base.py
/// and the library microversion_parse).</summary>
internal static class MicroversionRequest
{
    /// <summary>Type of our service in the header.</summary>
    public const string ServiceType = "accelerator";

    /// <summary>Header of requests and answers.</summary>
    public const string Header = "OpenStack-API-Version";

    /// <summary>Header of answers: oldest version served.</summary>
    public const string MinHeader = "OpenStack-API-Minimum-Version";

    /// <summary>Header of answers: newest version served.</summary>
    public const string MaxHeader = "OpenStack-API-Maximum-Version";

    /// <summary>The version that a header asks for. Entries of other services are passed over; the last of ours counts. Without an entry of ours
    /// the whole header is read as a bare version, as old clients send it.</summary>
    /// <param name="header">The header's value, several lines joined with commas; null if there is none.</param>
    /// <param name="bare">True if the header was a bare version.</param>
    /// <exception cref="ApiException">406: no version, or one that is not served.</exception>
    public static Microversion Negotiate(string? header, out bool bare) => Negotiate(header, Microversions.Min, Microversions.Max, out bare);

    /// <summary>As <see cref="Negotiate(string?, out bool)"/>, for the major version that a path names.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="min">Oldest version served of it.</param>
    /// <param name="max">Newest version served of it.</param>
    /// <param name="bare">True if the header was a bare version.</param>
    /// <exception cref="ApiException">406: no version, or one that is not served.</exception>
    public static Microversion Negotiate(string? header, Microversion min, Microversion max, out bool bare)
    {
        bare = false;
        if (string.IsNullOrWhiteSpace(header))
            return min;
        var asked = EntryOfOurs(header);
        bare = asked is null;
        asked ??= header.Trim();
        if (asked.Equals("latest", StringComparison.OrdinalIgnoreCase))
            return max;
        if (!Microversion.TryParse(asked, out var version))
            throw NotAcceptable($"Invalid value for {Header} header");
        if (version.Major != min.Major)
            throw NotAcceptable($"Mutually exclusive versions requested. Version {version} requested but not supported by this service. {SupportedRange(min, max)}");
        if (version.CompareTo(min) < 0 || version.CompareTo(max) > 0)
            throw NotAcceptable($"Version {version} was requested but the minor version is not supported by this service. {SupportedRange(min, max)}");
        return version;
    }

    private static string SupportedRange(Microversion min, Microversion max) => $"The supported version range is: [{min}, {max}].";

    private static string? EntryOfOurs(string header)
    {
        string? found = null;
        foreach (var entry in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = entry.Split((char[]?)null, 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[0].Equals(ServiceType, StringComparison.OrdinalIgnoreCase))
                found = words[1];
        }
        return found;
    }

    private static ApiException NotAcceptable(string text) => new(ApiError.NotAcceptable, text);
}
