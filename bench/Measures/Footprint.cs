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
        return
        [
            Row("cyborg-api", apis, 1.5), Row("cyborg-conductor", conductors, 1.5), Row("cyborg-agent", agents, 1.5), Row("cyborg-standalone", alone, 3),
        ];

        static Row Row(string program, List<double> took, double bound) =>
            new($"start to ready, {program}", $"under {bound} s", Figure.Of(took.Skip(1)), bound, AtLeast: false, $"{Figure.Of(took.Skip(1))} s");

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
            new Row("memory, idle: api + conductor + agent", "at most 200 MiB PSS", Figure.Of([a + c + g]), 200, AtLeast: false, $"api {a:F0}, conductor {c:F0}, agent {g:F0} MiB"),
            new Row("memory, idle: agent", "at most 60 MiB PSS", Figure.Of([g]), 60, AtLeast: false, $"{g:F0} MiB"),
        ];
    }
}
