using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;

namespace Cyborg.Bench;

/// <summary>What is measured and what it is measured on: PostgreSQL and nats-server with their own defaults, a stand-in for Keystone, and the published
/// programs of Cyborg, all on this machine.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-bench-").FullName;
    private readonly string _programs;
    private readonly List<IAsyncDisposable> _parts = [];

    private Stage(string programs) => _programs = programs;

    /// <summary>Port of the bus.</summary>
    public int BusPort { get; } = Ports.TakeFree();

    /// <summary>Port of the API.</summary>
    public int ApiPort { get; } = Ports.TakeFree();

    public Child Api { get; private set; } = null!;
    public Child Conductor { get; private set; } = null!;
    public Child Bus { get; private set; } = null!;
    public Child Postgres { get; private set; } = null!;

    /// <summary>The bus, as <c>transport_url</c> names it.</summary>
    public string BusUrl => $"nats://127.0.0.1:{BusPort}";

    /// <summary>Connections of the bench to the database.</summary>
    public NpgsqlDataSource Database { get; private set; } = null!;

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    private string PostgresFolder => Path.Combine(_folder, "postgres");

    public static async Task<Stage> StartAsync(string programs)
    {
        var stage = new Stage(programs);
        try
        {
            await stage.StartServersAsync();
            await Child.RunAsync(stage.Program("cyborg-dbsync"), "--config-file", stage.Config("dbsync"), "upgrade");
            (stage.Conductor, _) = await stage.StartConductorAsync();
            (stage.Api, _) = await stage.StartApiAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an API; it is ready when it answers.</summary>
    public async Task<(Child Process, TimeSpan Took)> StartApiAsync(int? port = null)
    {
        var began = Stopwatch.GetTimestamp();
        var at = port ?? ApiPort;
        var api = await StartAsync("cyborg-api", "--config-file", Config("api"), "--port", at.ToString(CultureInfo.InvariantCulture));
        using var client = new HttpClient();
        await api.WaitAsync(async () =>
        {
            try
            {
                return (await client.GetAsync($"http://127.0.0.1:{at}/healthcheck")).StatusCode != HttpStatusCode.NotFound;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return (api, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Starts a conductor; it is ready when it says so.</summary>
    public Task<(Child Process, TimeSpan Took)> StartConductorAsync() => StartServingAsync("cyborg-conductor", Config("conductor"));

    /// <summary>Starts an agent with two fake cards.</summary>
    public Task<(Child Process, TimeSpan Took)> StartAgentAsync(string host) =>
        StartServingAsync("cyborg-agent", Config("agent", $"host = {host}", "[agent]\nenabled_drivers = fake_driver"));

    /// <summary>Starts a standalone Cyborg; it is ready when it answers.</summary>
    public async Task<(Child Process, TimeSpan Took)> StartStandaloneAsync(int port)
    {
        var began = Stopwatch.GetTimestamp();
        var data = Directory.CreateTempSubdirectory("cyborg-bench-data-").FullName;
        _parts.Add(new Folder(data));
        var child = await StartAsync("cyborg-standalone", "--port", port.ToString(CultureInfo.InvariantCulture), "--data", data);
        await child.WaitAsync(() => Ports.AnswersAsync(port));
        return (child, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Starts this very program in another process, for a baseline.</summary>
    public Task<Child> StartBareAsync(params IEnumerable<string> arguments) =>
        KeepAsync(Child.StartAsync(Path.Combine(_folder, "bare.log"), Environment.ProcessPath!, arguments));

    /// <summary>A file of the stage.</summary>
    public string File(string name) => Path.Combine(_folder, name);

    public async ValueTask DisposeAsync()
    {
        for (var part = _parts.Count - 1; part >= 0; part--)
            await _parts[part].DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(Child Process, TimeSpan Took)> StartServingAsync(string program, string config)
    {
        var began = Stopwatch.GetTimestamp();
        var child = await StartAsync(program, "--config-file", config);
        await child.WaitAsync(async () => (await System.IO.File.ReadAllTextAsync(child.Log)).Contains($"{program} runs", StringComparison.Ordinal));
        return (child, Stopwatch.GetElapsedTime(began));
    }

    private Task<Child> StartAsync(string program, params IEnumerable<string> arguments) =>
        KeepAsync(Child.StartAsync(Path.Combine(_folder, $"{program}-{_parts.Count}.log"), Program(program), arguments));

    private async Task<T> KeepAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        var part = await starting;
        _parts.Add(part);
        return part;
    }

    private string Program(string name) => Path.Combine(_programs, name);

    private async Task StartServersAsync()
    {
        var keystone = await KeepAsync(Keystone.StartAsync());
        Bus = await KeepAsync(Child.StartAsync(File("nats.log"), "nats-server", "-a", "127.0.0.1", "-p", BusPort.ToString(CultureInfo.InvariantCulture)));
        await Bus.WaitAsync(() => Ports.AnswersAsync(BusPort));
        await StartPostgresAsync();
        _keystone = keystone.Url;
    }

    private string _keystone = "";

    private async Task StartPostgresAsync()
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")).First();
        Directory.CreateDirectory(PostgresFolder);
        string[] asPostgres = IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["env"];
        if (IsRoot)
        {
            await Child.RunAsync("chmod", "a+rx", _folder);
            await Child.RunAsync("chown", "postgres", PostgresFolder);
        }
        var data = Path.Combine(PostgresFolder, "data");
        await Child.RunAsync(asPostgres[0], [.. asPostgres[1..], Path.Combine(binaries, "initdb"), "-D", data, "-U", "cyborg", "-A", "trust", "-E", "UTF8", "--locale=C"]);
        Postgres = await KeepAsync(Child.StartAsync(
            File("postgres.log"), asPostgres[0],
            [.. asPostgres[1..], Path.Combine(binaries, "postgres"), "-D", data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={PostgresFolder}", "-c", "max_connections=200",
             "-c", "shared_preload_libraries=pg_stat_statements", "-c", "pg_stat_statements.track_utility=off"]));
        await Postgres.WaitAsync(CanConnectAsync);
        Database = await KeepAsync(Task.FromResult(NpgsqlDataSource.Create($"Host={PostgresFolder};Username=cyborg;Database=cyborg;Maximum Pool Size=32")));
    }

    private async Task<bool> CanConnectAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection($"Host={PostgresFolder};Username=cyborg;Database=postgres;Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE DATABASE cyborg", connection);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private string Config(string name, string defaults = "", string more = "")
    {
        var file = File($"{name}.conf");
        System.IO.File.WriteAllText(file, $"""
            [DEFAULT]
            transport_url = {BusUrl}
            state_path = {Directory.CreateDirectory(File($"state-{name}")).FullName}
            {defaults}
            [database]
            connection = postgresql://cyborg@/cyborg?host={Uri.EscapeDataString(PostgresFolder)}
            [api]
            auth_strategy = keystone
            [devices]
            initial_state = ready
            [keystone_authtoken]
            auth_type = password
            auth_url = {_keystone}
            username = cyborg
            password = bench
            project_name = service
            user_domain_id = default
            project_domain_id = default
            {more}
            """);
        return file;
    }

    private sealed class Folder(string path) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Directory.Delete(path, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
