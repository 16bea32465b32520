using System.Globalization;
using System.Text.RegularExpressions;
using Cyborg.Hosting.Faults;
using Cyborg.TestServers;
using Npgsql;

namespace Cyborg.E2E.Tests;

/// <summary>How our processes are set up.</summary>
internal sealed record ServicesPlan
{
    /// <summary>The service's own user in Keystone.</summary>
    public required User Cyborg { get; init; }
    /// <summary>The API's port, which the catalog names.</summary>
    public required int Port { get; init; }
    /// <summary>The set of default policies.</summary>
    public required bool EnforceNewDefaults { get; init; }
    /// <summary>Folder of Keystone's public keys for JWS tokens; null for tokens that only Keystone can read.</summary>
    public required string? PublicKeys { get; init; }
    /// <summary>Of configurations and logs.</summary>
    public required string Folder { get; init; }
}

/// <summary>A compute node's cards.</summary>
/// <param name="Handles">Attach handles of the one card.</param>
/// <param name="Seconds">How long the agent works to attach or detach one; 0 if there is nothing to do on the host.</param>
internal sealed record Cards(int Handles = 2, double Seconds = 0);

/// <summary>Cyborg as an operator would set it up: an API, a conductor and the agent of the lab's compute node, each with a cyborg.conf of its own, on the
/// bus as it is shipped and on PostgreSQL.</summary>
internal sealed partial class Services : IAsyncDisposable
{
    /// <summary>The lab's compute node: its name, and that of its resource provider.</summary>
    public const string Compute = "lab-compute";

    /// <summary>For how long the API believes what it knows of a token.</summary>
    public static readonly TimeSpan TokenCacheTime = TimeSpan.FromSeconds(10);

    private readonly ServicesPlan _plan;
    private readonly NatsServer _bus;
    private readonly string _database;
    private Cards? _cards;
    private bool _armed;

    private Services(ServicesPlan plan, NatsServer bus, string database)
    {
        (_plan, _bus, _database) = (plan, bus, database);
        Api = Service("cyborg-api", "api");
        Conductor = Service("cyborg-conductor", "conductor");
        SecondConductor = Service("cyborg-conductor", "conductor-2");
        Agent = Service("cyborg-agent", "agent");
    }

    public Part Api { get; }
    public Part Conductor { get; }

    /// <summary>Runs only where a test starts it.</summary>
    public Part SecondConductor { get; }

    public Part Agent { get; }

    /// <summary>Starts everything; what it starts ends with this process at the latest.</summary>
    public static async Task<Services> StartAsync(ServicesPlan plan, CancellationToken stop)
    {
        var bus = await ShippedBus.StartAsync([Compute], stop);
        var database = await (await TestServers.Servers.RequirePostgresAsync()).CreateEmptyDatabaseAsync(stop);
        var services = new Services(plan, bus, database);
        try
        {
            services.Configure(new Cards());
            string[] upgrade = [Program("cyborg-dbsync"), "--config-file", services.File("conductor.conf"), "upgrade"];
            (await Tool.RunAsync(TimeSpan.FromMinutes(5), new Dictionary<string, string>(), "dotnet", upgrade, stop)).Worked();
            await Task.WhenAll(services.Api.StartAsync(), services.Conductor.StartAsync(), services.Agent.StartAsync());
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>All three run, nothing is armed, and the compute node has these cards: for the start and the end of each test.</summary>
    public async Task PrepareAsync(Cards wanted)
    {
        await SecondConductor.KillAsync();
        if (_armed) await Conductor.KillAsync();
        _armed = false;
        if (_cards != wanted)
        {
            await Agent.KillAsync();
            Configure(wanted);
        }
        await Task.WhenAll(Api.StartAsync(), Conductor.StartAsync(), Agent.StartAsync());
    }

    /// <summary>Starts the conductor again so that it dies at a moment.</summary>
    public async Task ArmAsync(FaultPoint moment)
    {
        await Conductor.KillAsync();
        _armed = true;
        await Conductor.StartAsync((FaultPoints.Variable, $"{moment}"));
    }

    /// <summary>Where a log has come to, for <see cref="RequestsSince"/>.</summary>
    public long Mark() => new FileInfo(File("api.log")).Length;

    /// <summary>What the API was asked since: method and path, oldest first.</summary>
    /// <param name="mark">Since when.</param>
    /// <param name="own">True of the ids of our tests' own requests: their lines may be written later than their answers are read, and do not count.</param>
    public IReadOnlyList<string> RequestsSince(long mark, Func<string, bool> own) =>
        [.. RequestLine().Matches(LogSince("api.log", mark)).Where(match => !own(match.Groups[1].Value)).Select(match => $"{match.Groups[2].Value} {match.Groups[3].Value}")];

    /// <summary>What the conductors were told in their file.</summary>
    public string ConductorConfiguration => System.IO.File.ReadAllText(File("conductor.conf"));

    /// <summary>Starts the second conductor and waits until it serves.</summary>
    public async Task StartSecondConductorAsync(CancellationToken stop)
    {
        var before = LogSince("conductor-2.log", 0).Length;
        await SecondConductor.StartAsync();
        await Eventually.IsAsync("the second conductor runs", TimeSpan.FromMinutes(3), _ => Task.FromResult(LogSince("conductor-2.log", before)),
            text => text.Contains("cyborg-conductor runs", StringComparison.Ordinal), stop);
    }

    /// <summary>A column of text from the database.</summary>
    public async Task<IReadOnlyList<string>> AskDatabaseAsync(string sql, CancellationToken stop)
    {
        var (user, rest) = (_database.Split("://")[1].Split('@')[0], _database.Split("@/")[1].Split("?host="));
        var settings = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(rest[1]), Username = user, Database = rest[0], Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(stop);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        List<string> rows = [];
        while (await reader.ReadAsync(stop))
            rows.Add(await reader.IsDBNullAsync(0, stop) ? "" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    }

    /// <summary>The ends of our logs.</summary>
    public string Tell(int lines)
    {
        var told = $"--- {_plan.Folder}";
        foreach (var name in (string[])["api", "conductor", "conductor-2", "agent"])
            told += $"\n--- {name}\n{string.Join('\n', (System.IO.File.Exists(File($"{name}.log")) ? System.IO.File.ReadAllLines(File($"{name}.log")) : []).TakeLast(lines))}";
        return told;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (Part[])[Agent, SecondConductor, Conductor, Api]) await part.DisposeAsync();
        await System.IO.File.WriteAllTextAsync(File("nats-server.log"), _bus.LogText);
        await _bus.DisposeAsync();
    }

    private string LogSince(string name, long mark)
    {
        if (!System.IO.File.Exists(File(name))) return "";
        using var log = new FileStream(File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = mark;
        using var reader = new StreamReader(log);
        return reader.ReadToEnd();
    }

    private static string Program(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    private string File(string name) => Path.Combine(_plan.Folder, name);

    private Part Service(string program, string name) => new(
        name, environment => RealProcess.StartAsync(File($"{name}.log"), environment, "dotnet", Program(program), "--config-file", File($"{name}.conf")));

    private void Configure(Cards wanted)
    {
        _cards = wanted;
        System.IO.File.WriteAllText(File("api.conf"), $"""
            {Common("api", "api")}
            [api]
            host_ip = 127.0.0.1
            port = {_plan.Port}
            [keystone_authtoken]
            www_authenticate_uri = {_plan.Cyborg.AuthUrl}
            token_cache_time = {TokenCacheTime.TotalSeconds}
            service_token_roles = service
            service_token_roles_required = true
            {Login()}
            {(_plan.PublicKeys is null ? "" : $"jws_public_keys = {_plan.PublicKeys}")}
            [oslo_policy]
            enforce_new_defaults = {_plan.EnforceNewDefaults}
            """);
        foreach (var name in (string[])["conductor", "conductor-2"]) System.IO.File.WriteAllText(File($"{name}.conf"), $"""
            {Common(name, "conductor")}
            [database]
            connection = {_database}
            [conductor]
            save_interval = 0.5
            lease_timeout = 20
            [nova]
            orphan_check_interval = 2
            {Login()}
            [placement]
            {Login()}
            """);
        System.IO.File.WriteAllText(File("agent.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            {Common("agent", ShippedBus.User(Compute))}
            [agent]
            enabled_drivers = fake_driver
            resource_provider_name = {Compute}
            placement_sync_interval = 5
            [placement]
            {Login()}
            [glance]
            {Login()}
            [devices]
            initial_state = ready
            [fake]
            handles = {wanted.Handles}
            host_work = {wanted.Seconds > 0}
            delay = {wanted.Seconds}
            attach_path = {Directory.CreateDirectory(File("hardware")).FullName}
            """));
    }

    private string Common(string name, string user) => $"""
        [DEFAULT]
        host = {Compute}
        transport_url = nats://{user}:{ShippedBus.Password}@{_bus.Address}
        state_path = {Directory.CreateDirectory(File($"{name}-state")).FullName}
        [agent]
        heartbeat_interval = 1
        """;

    private string Login() => $"""
        auth_type = password
        auth_url = {_plan.Cyborg.AuthUrl}
        username = {_plan.Cyborg.Name}
        password = {_plan.Cyborg.Environment["OS_PASSWORD"]}
        user_domain_name = {_plan.Cyborg.Environment["OS_USER_DOMAIN_NAME"]}
        project_name = {_plan.Cyborg.Environment["OS_PROJECT_NAME"]}
        project_domain_name = {_plan.Cyborg.Environment["OS_PROJECT_DOMAIN_NAME"]}
        region_name = {_plan.Cyborg.Environment["OS_REGION_NAME"]}
        """;

    [GeneratedRegex(@"\[(\S+)\] (GET|POST|PATCH|PUT|DELETE) (/\S*) \d{3} \d+ ms")]
    private static partial Regex RequestLine();
}
