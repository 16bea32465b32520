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
    public static Microversion Negotiate(string? header, out bool bare)
    {
        bare = false;
        if (string.IsNullOrWhiteSpace(header))
            return Microversions.Min;
        var asked = EntryOfOurs(header);
        bare = asked is null;
        asked ??= header.Trim();
        if (asked.Equals("latest", StringComparison.OrdinalIgnoreCase))
            return Microversions.Max;
        if (!Microversion.TryParse(asked, out var version))
            throw NotAcceptable($"Invalid value for {Header} header");
        if (version.Major != Microversions.Min.Major)
            throw NotAcceptable($"Mutually exclusive versions requested. Version {version} requested but not supported by this service. {SupportedRange}");
        if (version.CompareTo(Microversions.Min) < 0 || version.CompareTo(Microversions.Max) > 0)
            throw NotAcceptable($"Version {version} was requested but the minor version is not supported by this service. {SupportedRange}");
        return version;
    }

    private static string SupportedRange => $"The supported version range is: [{Microversions.Min}, {Microversions.Max}].";

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
