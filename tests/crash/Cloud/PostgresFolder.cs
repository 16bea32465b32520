using System.Diagnostics;
using System.Globalization;
using Cyborg.TestServers;
using Npgsql;

namespace Cyborg.Crash.Tests;

/// <summary>A PostgreSQL cluster that is killed and started again on its data. It listens on a Unix socket in its folder, as user postgres where the
/// tests run as root.</summary>
internal sealed class PostgresFolder
{
    private readonly string _folder;
    private readonly string _binaries;
    private readonly string _log;

    private PostgresFolder(string folder, string binaries, string log)
    {
        (_folder, _binaries, _log) = (folder, binaries, log);
        Part = new Part("postgres", StartAsync);
    }

    /// <summary>The server.</summary>
    public Part Part { get; }

    private static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    /// <summary>Makes the cluster and starts it; its log is appended to a file.</summary>
    public static async Task<PostgresFolder> CreateAsync(string log, CancellationToken stop)
    {
        var binaries = Servers.RequirePostgresBinaries();
        var made = new PostgresFolder(Directory.CreateTempSubdirectory("cyborg-crash-").FullName, binaries, log);
        if (Environment.IsPrivilegedProcess) await RunAsync(["chown", "postgres", made._folder], stop);
        string[] options = ["-D", made.Data, "-U", "cyborg", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
        await RunAsync([.. AsPostgres, Path.Combine(binaries, "initdb"), .. options], stop);
        await made.Part.StartAsync();
        await made.WaitAsync(stop);
        return made;
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>What <c>[database] connection</c> would say.</summary>
    public string Url(string database) => $"postgresql://cyborg@/{database}?host={Uri.EscapeDataString(_folder)}";

    /// <summary>For connections of the test itself.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _folder,
        Username = "cyborg",
        Database = database,
        // A server that was killed refuses at once; one that lives may be slow.
        Timeout = 120,
        CommandTimeout = 300,
        Pooling = false,
    }.ConnectionString;

    /// <summary>Makes an empty database.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync(stop);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Kills it as a machine that loses its power does: all its processes at once.</summary>
    public async Task<bool> KillAsync()
    {
        if (Part.Process is not { Exited.IsCompleted: false } server) return false;
        var children = Children(server.Id);
        var killed = await Part.KillAsync();
        foreach (var child in children)
        {
            try
            {
                using var process = Process.GetProcessById(child);
                process.Kill();
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It has followed its parent already.
            }
        }
        return killed;
    }

    /// <summary>Waits until it takes connections; starts it again if it could not take its folder over.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            // Right after a kill the old server's shared memory may still be in use, so that the new one ends.
            if (Part.Process is { Exited.IsCompleted: true }) await Part.StartAsync();
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
                await connection.OpenAsync(stop);
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(100, stop);
            }
        }
    }

    /// <summary>Stops it and removes its data.</summary>
    public async Task RemoveAsync()
    {
        await KillAsync();
        await Part.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<RealProcess> StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        string[] command =
        [
            .. AsPostgres, Path.Combine(_binaries, "postgres"), "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_folder}", "-c", "port=5432",
            "-c", "max_connections=200", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=on", "-c", "log_min_messages=warning",
            "-c", "autovacuum_naptime=1h",
        ];
        return RealProcess.StartAsync(_log, environment, command[0], command[1..]);
    }

    private static int[] Children(int parent) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == parent),
    ];

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task RunAsync(string[] command, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command[0]} failed: {await output}{await error}");
    }
}
