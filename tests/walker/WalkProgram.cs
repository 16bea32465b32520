using System.Globalization;

namespace Cyborg.Walker;

/// <summary>One walk as a process of its own: <c>DATABASE_URL SEED OPERATIONS THREADS</c>.</summary>
internal static class WalkProgram
{
    public static async Task<int> Main(string[] args)
    {
        var numbers = args.Skip(1).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var walk = new Walk(args[0], numbers[0], numbers[1], numbers[2]);
        await walk.RunAsync(CancellationToken.None);
        foreach (var (outcome, count) in walk.Outcomes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Console.WriteLine($"{outcome}: {count}");
        return 0;
    }
}
