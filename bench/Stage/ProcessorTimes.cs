using System.Globalization;
using System.Text;

namespace Cyborg.Bench;

/// <summary>Processor time of those who take part, in milliseconds.</summary>
/// <param name="Api">cyborg-api.</param>
/// <param name="Conductor">cyborg-conductor.</param>
/// <param name="Bus">nats-server.</param>
/// <param name="Database">PostgreSQL with all its processes.</param>
/// <param name="Load">The bench itself.</param>
internal readonly record struct ProcessorTimes(double Api, double Conductor, double Bus, double Database, double Load)
{
    // Of /proc/PID/stat; the same on every Linux that .NET runs on.
    private const double MillisecondsPerTick = 10;

    /// <summary>So far.</summary>
    public static ProcessorTimes Of(Stage stage) =>
        new(Own(stage.Api.Id), Own(stage.Conductor.Id), Own(stage.Bus.Id), Family(stage.Postgres.Id), Own(Environment.ProcessId));

    public static ProcessorTimes operator -(ProcessorTimes one, ProcessorTimes other) =>
        new(one.Api - other.Api, one.Conductor - other.Conductor, one.Bus - other.Bus, one.Database - other.Database, one.Load - other.Load);

    public static ProcessorTimes operator +(ProcessorTimes one, ProcessorTimes other) =>
        new(one.Api + other.Api, one.Conductor + other.Conductor, one.Bus + other.Bus, one.Database + other.Database, one.Load + other.Load);

    private static double Own(int id) => Read(id) is [_, _, var user, var system, ..] ? (user + system) * MillisecondsPerTick : 0;

    /// <summary>A process with its children, those that have ended included.</summary>
    private static double Family(int id)
    {
        var ticks = Read(id) is [_, _, var user, var system, var childrenUser, var childrenSystem] ? user + system + childrenUser + childrenSystem : 0;
        return (ticks * MillisecondsPerTick) + Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other) && Read(other) is [_, var parent, ..] && parent == id ? Own(other) : 0)
            .Sum();
    }

    // The parent's id, then ticks: in user mode, in the kernel, and both of children that have ended.
    private static readonly int[] s_fields = [1, 11, 12, 13, 14];

    /// <summary>Its id and those fields; empty if it is gone.</summary>
    private static long[] Read(int id)
    {
        try
        {
            var text = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/stat"));
            // The name stands in parentheses, and may hold anything.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return [id, .. s_fields.Select(n => long.Parse(fields[n], CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
