namespace Cyborg.Hosting;

/// <summary>What somebody may have meant: the name that takes the fewest slips of the finger. Pure.</summary>
internal static class NearName
{
    private const int MaxLength = 64;

    /// <summary>The nearest of the names, or null if none is near: one slip in three letters at most, and two in all.</summary>
    public static string? Of(string written, IEnumerable<string> names)
    {
        if (written.Length > MaxLength)
            return null;
        var most = Math.Min(2, Math.Max(1, written.Length / 3));
        return names.Distinct(StringComparer.Ordinal)
            .Where(name => Math.Abs(name.Length - written.Length) <= most)
            .Select(name => (Name: name, Slips: Slips(written.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(near => near.Slips <= most)
            .OrderBy(near => near.Slips)
            .ThenBy(near => near.Name, StringComparer.Ordinal)
            .FirstOrDefault().Name;
    }

    /// <summary>Letters to add, leave out, exchange, or swap with their neighbour (Damerau and Levenshtein's distance, each letter once).</summary>
    private static int Slips(string one, string other)
    {
        var (before, last, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var j = 0; j <= other.Length; j++)
            last[j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var exchange = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                row[j] = Math.Min(exchange, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[other.Length];
    }
}
