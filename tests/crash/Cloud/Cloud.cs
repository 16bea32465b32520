using System.Globalization;
using System.Text.Json;
using Cyborg.TestServers;
using Npgsql;

namespace Cyborg.Crash.Tests;

/// <summary>How many of what a cloud has, and how fast it works.</summary>
internal sealed record CloudPlan
{
    public int Apis { get; init; } = 1;
    public int Conductors { get; init; } = 1;
    public int Agents { get; init; } = 1;
    public int Handles { get; init; } = 8;
    /// <summary>Seconds that attaching and detaching take.</summary>
    public double Delay { get; init; } = 0.2;
    /// <summary>Seconds.</summary>
    public double LeaseTimeout { get; init; } = 20;
}

/// <summary>A Cyborg of real processes: API, conductors, agents (fake driver with work on the host), each with a cyborg.conf of its own, on a real bus
/// and a real database, and a Nova that listens.</summary>
internal sealed class Cloud : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _database;
    private readonly List<LoopbackPort> _apiPorts = [];

    private Cloud(CloudServers servers, string database, string folder, CloudPlan plan)
    {
        (Servers, _database, _folder, Plan) = (servers, database, folder, plan);
        Apis = [.. Enumerable.Range(1, plan.Apis).Select(Api)];
        Conductors = [.. Enumerable.Range(1, plan.Conductors).Select(n => Service("cyborg-conductor", $"conductor-{n}", "conductor", ""))];
        Agents = [.. Enumerable.Range(1, plan.Agents).Select(n => Agent($"agent-{n}", Host(n), plan.Delay))];
    }

    public CloudPlan Plan { get; }
    public CloudServers Servers { get; }
    public FakeNova Nova => Servers.Nova;
    public IReadOnlyList<Part> Apis { get; }
    public IReadOnlyList<Part> Conductors { get; }
    public IReadOnlyList<Part> Agents { get; }
    public IEnumerable<Part> All => [.. Apis, .. Conductors, .. Agents];
    public IReadOnlyList<Uri> Addresses => [.. _apiPorts.Select(port => new Uri($"http://127.0.0.1:{port.Number}/"))];

    /// <summary>An image that every host has, and every server wants: the first bind programs it.</summary>
    public static Guid Image { get; } = new("f1000000-0000-4000-8000-0000000000c1");

    /// <summary>Configurations and logs.</summary>
    public string Folder => _folder;

    public static string Host(int number) => $"host{number}";

    /// <summary>The folder that stands for a host's hardware: one file for each attached handle.</summary>
    public string Hardware(int agent) => Path.Combine(_folder, "hardware", Host(agent));

    /// <summary>Writes the configurations and makes the database; starts nothing of Cyborg.</summary>
    /// <param name="plan">What to make.</param>
    /// <param name="logs">Folder of configurations and logs; made.</param>
    /// <param name="postgres">A database server of somebody else's; null for an own one.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<Cloud> CreateAsync(CloudPlan plan, string logs, PostgresFolder? postgres, CancellationToken stop)
    {
        Directory.CreateDirectory(logs);
        var own = await CloudServers.StartAsync([.. Enumerable.Range(1, plan.Agents).Select(Host)], postgres, logs, stop);
        var database = await own.NewDatabaseAsync(stop);
        var cloud = new Cloud(own, database, logs, plan);
        var (code, text) = await cloud.RunAsync("cyborg-dbsync", ["--config-file", cloud.WriteConfig("dbsync", "conductor", ""), "upgrade"], stop);
        return code == 0 ? cloud : throw new InvalidOperationException($"cyborg-dbsync upgrade ended with {code}: {text}");
    }

    /// <summary>Starts everything and waits until it serves.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        await Task.WhenAll(All.Select(part => part.StartAsync()));
        await WaitUntilServingAsync(stop);
    }

    /// <summary>Waits until every API answers and every agent's handles can be had.</summary>
    public async Task WaitUntilServingAsync(CancellationToken stop)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        foreach (var address in Addresses)
        {
            await this.UntilAsync(
                async () => await HandlesSeenAsync(client, address, stop) >= Plan.Agents ? "" : null,
                $"{address} shows the devices of all agents", [.. All.Select(part => part.Name)]);
        }
    }

    /// <summary>A file for a service of this cloud, with more lines than all have.</summary>
    public string WriteConfig(string name, string user, string more, string defaults = "")
    {
        var file = Path.Combine(_folder, $"{name}.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            [DEFAULT]
            transport_url = nats://{user}:{ShippedBus.Password}@{Servers.Bus.Address}
            state_path = {Directory.CreateDirectory(Path.Combine(_folder, "state", name)).FullName}
            rpc_response_timeout = 15
            bind_timeout = 300
            {defaults}
            [database]
            connection = {Servers.Postgres.Url(_database)}
            [conductor]
            save_interval = 0.5
            lease_timeout = {Plan.LeaseTimeout}
            [agent]
            heartbeat_interval = 1
            [devices]
            initial_state = ready
            [nova]
            endpoint_override = {Nova.Endpoint}
            event_timeout = 300
            {more}
            """));
        return file;
    }

    /// <summary>An agent of this cloud, not started.</summary>
    public Part Agent(string name, string host, double delay) => Service("cyborg-agent", name, ShippedBus.User(host), string.Create(CultureInfo.InvariantCulture, $"""
        [fake]
        handles = {Plan.Handles}
        host_work = true
        delay = {delay}
        attach_path = {Directory.CreateDirectory(Path.Combine(_folder, "hardware", host)).FullName}
        [agent]
        image_path = {Images()}
        """), $"host = {host}");

    private string Images()
    {
        var images = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        File.WriteAllText(Path.Combine(images, Image.ToString()), "bits");
        return images;
    }

    /// <summary>Runs a program to its end.</summary>
    public async Task<(int Code, string Text)> RunAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var log = Path.Combine(_folder, $"{program}-{Guid.NewGuid():N}.log");
        await using var process = await RealProcess.StartAsync(log, new Dictionary<string, string>(), "dotnet", [Program(program), .. arguments]);
        var code = await process.Exited.WaitAsync(TimeSpan.FromMinutes(5), stop);
        return (code, await File.ReadAllTextAsync(log, stop));
    }

    /// <summary>A connection of the judge's own.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken stop)
    {
        var connection = new NpgsqlConnection(Servers.Postgres.ConnectionString(_database));
        await connection.OpenAsync(stop);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(part => part.DisposeAsync().AsTask()));
        await File.WriteAllTextAsync(Path.Combine(_folder, "nats-server.log"), Servers.Bus.LogText);
        await Servers.DisposeAsync();
        _apiPorts.ForEach(port => port.Dispose());
    }

    /// <summary>The end of a process's log, for the text of a failure.</summary>
    /// <param name="name">The process: <c>conductor-1</c>.</param>
    public async Task<string> TailAsync(string name)
    {
        const int Shown = 30;
        var log = Path.Combine(_folder, $"{name}.log");
        var lines = File.Exists(log) ? await File.ReadAllLinesAsync(log, CancellationToken.None) : ["(there is none)"];
        // Where something was thrown would push out what was said.
        var said = lines.Where(line => !line.Contains("]    at ", StringComparison.Ordinal));
        return $"\n--- {name}.log, {lines.Length} lines:\n{string.Join('\n', said.TakeLast(Shown))}";
    }

    private static string Program(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    private Part Api(int number)
    {
        var port = LoopbackPort.Take();
        _apiPorts.Add(port);
        return Service("cyborg-api", $"api-{number}", "api", $"[api]\nauth_strategy = noauth\nport = {port.Number}");
    }

    private Part Service(string program, string name, string user, string more, string defaults = "")
    {
        var config = WriteConfig(name, user, more, defaults);
        var log = Path.Combine(_folder, $"{name}.log");
        return new Part(name, environment => RealProcess.StartAsync(log, environment, "dotnet", Program(program), "--config-file", config));
    }

    private static async Task<int> HandlesSeenAsync(HttpClient client, Uri address, CancellationToken stop)
    {
        try
        {
            using var reply = await client.GetAsync(new Uri(address, "v2/devices"), stop);
            if (!reply.IsSuccessStatusCode) return 0;
            using var body = await JsonDocument.ParseAsync(await reply.Content.ReadAsStreamAsync(stop), cancellationToken: stop);
            return body.RootElement.GetProperty("devices").GetArrayLength();
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return 0;
        }
    }
}
