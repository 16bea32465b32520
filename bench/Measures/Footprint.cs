using System.Globalization;

namespace Cyborg.Bench;

/// <summary>How soon the programs serve, and what they take while they have nothing to do.</summary>
internal static class Footprint
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<Row>> StartAsync(Bench bench)
    {
        var (apis, conductors, agents, alone) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var n = 0; n <= bench.Rounds; n++)
        {
            await AddAsync(apis, bench.Stage.StartApiAsync(Ports.TakeFree()));
            await AddAsync(conductors, bench.Stage.StartConductorAsync());
            await AddAsync(agents, bench.Stage.StartAgentAsync($"start-{n}"));
            await AddAsync(alone, bench.Stage.StartStandaloneAsync(Ports.TakeFree()));
        }
        return [Row("cyborg-api", apis, 1.5), Row("cyborg-conductor", conductors, 1.5), Row("cyborg-agent", agents, 1.5), Row("cyborg-standalone", alone, 3)];

        static Row Row(string program, List<double> took, double bound) =>
            new Row($"start to ready, {program}", Figure.Of(took.Skip(1)), "s").Most(bound, string.Create(CultureInfo.InvariantCulture, $"under {bound} s"));

        static async Task AddAsync(List<double> took, Task<(Child Process, TimeSpan Took)> start)
        {
            var (process, time) = await start;
            took.Add(time.TotalSeconds);
            await process.DisposeAsync();
        }
    }

    /// <summary>Of a fresh API, conductor and agent with two cards; the bench is quiet meanwhile.</summary>
    public static async Task<IReadOnlyList<Row>> MemoryAsync(Bench bench)
    {
        var (api, _) = await bench.Stage.StartApiAsync(Ports.TakeFree());
        var (conductor, _) = await bench.Stage.StartConductorAsync();
        var (agent, _) = await bench.Stage.StartAgentAsync("idle");
        await Task.Delay(Idle);
        var (a, c, g) = (api.MemoryMiB, conductor.MemoryMiB, agent.MemoryMiB);
        foreach (var child in new[] { agent, conductor, api })
            await child.DisposeAsync();
        return
        [
            new Row("memory, idle: api + conductor + agent", Figure.Of([a + c + g]), "MiB", string.Create(CultureInfo.InvariantCulture, $"api {a:F0}, conductor {c:F0}, agent {g:F0}"))
                .Most(200, "at most 200 MiB PSS"),
            new Row("memory, idle: agent", Figure.Of([g]), "MiB").Most(60, "at most 60 MiB PSS"),
        ];
    }

    /// <summary>Of the API and the conductor that were measured, with what they keep of so many devices.</summary>
    public static Row AfterAll(Bench bench, int devices)
    {
        var (api, conductor) = (bench.Stage.Api.MemoryMiB, bench.Stage.Conductor.MemoryMiB);
        return new Row(
            string.Create(CultureInfo.InvariantCulture, $"memory after all this, {devices:N0} devices: api + conductor"),
            Figure.Of([api + conductor]), "MiB", string.Create(CultureInfo.InvariantCulture, $"api {api:F0}, conductor {conductor:F0}"));
    }
}
