using System.Globalization;
using Cyborg.TestServers;
using Npgsql;

namespace Cyborg.Crash.Tests;

/// <summary>Kills processes with SIGKILL and starts them again, again and again, at bad moments.</summary>
/// <param name="cloud">Whose processes.</param>
/// <param name="history">Where each kill is noted.</param>
/// <param name="seed">Of every choice.</param>
/// <param name="pace">Mean time between two kills.</param>
internal sealed class Killer(Cloud cloud, History history, int seed, TimeSpan pace)
{
    private const string Moment = """
        SELECT (SELECT count(*) FROM extended_accelerator_requests WHERE state = 'BindStarted' AND failed_at IS NULL) || ' '
          || (SELECT count(*) FROM nova_events WHERE status = 'completed') || ' '
          || coalesce((SELECT min(hostname) FROM extended_accelerator_requests WHERE state = 'BindStarted' AND failed_at IS NULL), '')
        """;

    private static readonly TimeSpan AimFor = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(seed);

    /// <summary>All kills.</summary>
    public int Kills { get; private set; }

    /// <summary>Those while an ARQ was in BindStarted.</summary>
    public int InBinds { get; private set; }

    /// <summary>Those between the commit of a bind and its event.</summary>
    public int BeforeEvents { get; private set; }

    /// <summary>Kills until it is enough, and leaves everything running.</summary>
    public async Task RunAsync(Func<bool> goOn, CancellationToken stop)
    {
        while (goOn())
        {
            // A service that is killed faster than it can start does no work that could go wrong.
            var next = Task.Delay(pace * (0.5 + _random.NextDouble()), stop);
            if (_random.Next(100) < 35)
                await KillBeforeEventAsync(stop);
            else
                await KillOneAsync(_random.Next(100) < 70, stop);
            await next;
        }
        await RestoreAsync(stop);
    }

    /// <summary>Starts everything that is down.</summary>
    public async Task RestoreAsync(CancellationToken stop)
    {
        cloud.Nova.Mood = NovaMood.Well;
        cloud.Nova.Delay = TimeSpan.Zero;
        await cloud.Nova.StartAsync();
        await Task.WhenAll(cloud.All.Select(part => part.StartAsync()));
        await cloud.Servers.Postgres.Part.StartAsync();
        await cloud.Servers.Postgres.WaitAsync(stop);
    }

    private async Task KillOneAsync(bool aimed, CancellationToken stop)
    {
        var (binding, _, host) = aimed ? await AimAsync(moment => moment.Binding > 0, stop) : (0, 0, "");
        switch (_random.Next(100))
        {
            case < 15:
                await KillAndStartAsync("nats-server", () => KillBusAsync(), () => cloud.Servers.Bus.StartAgainAsync(stop), stop);
                break;
            case < 28:
                await KillAndStartAsync("postgres", () => cloud.Servers.Postgres.KillAsync(), () => StartPostgresAsync(stop), stop);
                break;
            case < 60:
                await KillAndStartAsync(Pick(cloud.Conductors), stop);
                break;
            case < 72:
                await KillAndStartAsync(Pick(cloud.Apis), stop);
                break;
            default:
                var own = Enumerable.Range(1, cloud.Plan.Agents).FirstOrDefault(agent => Cloud.Host(agent) == host);
                await KillAndStartAsync(binding > 0 && own > 0 ? cloud.Agents[own - 1] : Pick(cloud.Agents), stop);
                break;
        }
    }

    /// <summary>Nova is slow or away for a moment, so that something is owed to it, and the one who owes dies.</summary>
    private async Task KillBeforeEventAsync(CancellationToken stop)
    {
        var mood = _random.Next(5);
        cloud.Nova.Mood = mood switch { 0 => NovaMood.ServerError, 1 => NovaMood.Refuses, 2 => NovaMood.LosesAnswer, _ => NovaMood.Well };
        cloud.Nova.Delay = TimeSpan.FromSeconds(mood >= 3 ? 1 : 0);
        if (mood == 4) await cloud.Nova.StopAsync();
        try
        {
            await AimAsync(moment => moment.Owed > 0, stop);
            await KillAndStartAsync(_random.Next(5) == 0 ? cloud.Agents[_random.Next(cloud.Agents.Count)] : Pick(cloud.Conductors), stop);
        }
        finally
        {
            cloud.Nova.Mood = NovaMood.Well;
            cloud.Nova.Delay = TimeSpan.Zero;
            await cloud.Nova.StartAsync();
        }
    }

    private Task KillAndStartAsync(Part part, CancellationToken stop) => KillAndStartAsync(part.Name, part.KillAsync, () => part.StartAsync(), stop);

    private async Task KillAndStartAsync(string name, Func<Task<bool>> kill, Func<Task> start, CancellationToken stop)
    {
        var (binding, owed, _) = await MomentAsync(stop) ?? (0, 0, "");
        if (!await kill()) return;
        Kills++;
        if (binding > 0) InBinds++;
        if (owed > 0) BeforeEvents++;
        history.Count($"kill {name}");
        history.Note("kill", name, $"{binding} in BindStarted, {owed} owed to Nova");
        await Task.Delay(_random.Next(0, 800), stop);
        await start();
        history.Note("start", name, "");
    }

    private async Task<bool> KillBusAsync()
    {
        await cloud.Servers.Bus.KillAsync();
        return true;
    }

    private async Task StartPostgresAsync(CancellationToken stop)
    {
        await cloud.Servers.Postgres.Part.StartAsync();
        await cloud.Servers.Postgres.WaitAsync(stop);
    }

    private async Task<(int Binding, int Owed, string Host)> AimAsync(Func<(int Binding, int Owed, string Host), bool> good, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(AimFor);
        while (!patience.IsCancellationRequested)
        {
            if (await MomentAsync(stop) is { } moment && good(moment)) return moment;
            await Task.Delay(80, stop);
        }
        return (0, 0, "");
    }

    private async Task<(int Binding, int Owed, string Host)?> MomentAsync(CancellationToken stop)
    {
        try
        {
            await using var connection = await cloud.ConnectAsync(stop);
            var parts = (await connection.TextsAsync(Moment, stop))[0].Split(' ');
            return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private Part Pick(IReadOnlyList<Part> parts) => parts[_random.Next(parts.Count)];
}
