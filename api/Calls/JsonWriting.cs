using System.Globalization;
using System.Text.Json;

namespace Cyborg.Api.Calls;

/// <summary>Values as every noun writes them.</summary>
internal static class JsonWriting
{
    /// <summary>A date as upstream writes it: ISO 8601 with microseconds and offset, without a fraction when it is zero.</summary>
    public static string DateText(DateTimeOffset date)
    {
        var utc = date.ToUniversalTime();
        var format = utc.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond
            ? "yyyy-MM-dd'T'HH:mm:ss'+00:00'"
            : "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'";
        return utc.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>Writes <c>created_at</c> and <c>updated_at</c>.</summary>
    public static void WriteDates(this Utf8JsonWriter writer, DateTimeOffset createdAt, DateTimeOffset? updatedAt)
    {
        writer.WriteString("created_at", DateText(createdAt));
        writer.WriteString("updated_at", updatedAt is { } updated ? DateText(updated) : null);
    }

    /// <summary>Writes a uuid or null.</summary>
    public static void WriteUuid(this Utf8JsonWriter writer, string name, Guid? uuid)
    {
        if (uuid is { } value)
            writer.WriteString(name, value);
        else
            writer.WriteNull(name);
    }

    /// <summary>Writes a number or null.</summary>
    public static void WriteInteger(this Utf8JsonWriter writer, string name, int? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }
}
