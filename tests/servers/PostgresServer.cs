using System.Diagnostics;
using System.Globalization;
using Cyborg.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cyborg.TestServers;

/// <summary>A real PostgreSQL server for one test process, on a Unix socket in a temporary folder of its own: no port to collide.
/// It runs as user postgres where the tests run as root. A shell watches over it: when the test process ends in whatever way, its end of a
/// pipe closes, and the shell stops the server by the pid in postmaster.pid and removes the folder.</summary>
public sealed class PostgresServer
{
    private const string User = "cyborg", Template = "cyborg_template";

    /// <summary>Arguments: folder of the binaries, folder of the server. Prints "ready" when connections are accepted.</summary>
    private const string Watcher = """
        bin=$1; dir=$2
        trap '' INT HUP
        cd "$dir" || exit 1
        "$bin/initdb" -D "$dir/data" -U cyborg -A trust -E UTF8 --locale=C --no-sync --no-instructions >"$dir/log" 2>&1 || { cat "$dir/log"; rm -rf "$dir"; exit 1; }
        "$bin/postgres" -D "$dir/data" -c listen_addresses= -c unix_socket_directories="$dir" -c port=5432 -c max_connections=300 \
          -c fsync=off -c full_page_writes=off -c synchronous_commit=on -c deadlock_timeout=100ms -c log_min_messages=warning \
          -c max_wal_size=4GB -c autovacuum_naptime=1h >>"$dir/log" 2>&1 &
        i=0
        until "$bin/pg_isready" -q -h "$dir" -p 5432; do
          i=$((i + 1))
          if [ $i -gt 1800 ] || ! kill -0 $! 2>/dev/null; then cat "$dir/log"; kill $! 2>/dev/null; rm -rf "$dir"; exit 1; fi
          sleep 0.1
        done
        echo ready
        read -r _
        kill -QUIT "$(head -n 1 "$dir/data/postmaster.pid")"
        wait
        rm -rf "$dir"
        """;

    private static readonly Lazy<Task<PostgresServer>> s_shared = new(StartAsync);

    private readonly string _folder;
    private readonly Process _watcher;
    private readonly Lazy<Task> _template;
    private int _databases;

    private PostgresServer(string folder, Process watcher)
    {
        _folder = folder;
        _watcher = watcher;
        _template = new Lazy<Task>(MakeTemplateAsync);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    /// <summary>Folder of the server's socket.</summary>
    public string SocketFolder => _folder;

    /// <summary>Process id of the server, line 1 of postmaster.pid.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    internal static Task<PostgresServer> Shared => s_shared.Value;

    internal static bool CanStepDown => File.Exists("/usr/bin/setpriv");

    /// <summary>A new, empty database.</summary>
    /// <returns>Its URL.</returns>
    public async Task<string> CreateEmptyDatabaseAsync(CancellationToken cancellation = default)
    {
        var name = NextName();
        await ExecuteAsync($"CREATE DATABASE {name}", cancellation);
        return Url(name);
    }

    /// <summary>A new database with the current schema: a copy of a template that is migrated once.</summary>
    /// <returns>Its URL.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellation = default)
    {
        var name = NextName();

        await _template.Value.WaitAsync(cancellation);
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Template} STRATEGY file_copy", cancellation);
        return Url(name);
    }

    /// <summary>Removes a database, ending whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string url, CancellationToken cancellation = default)
    {
        var path = url[..url.IndexOf('?', StringComparison.Ordinal)];
        return ExecuteAsync($"DROP DATABASE IF EXISTS {path[(path.LastIndexOf('/') + 1)..]} WITH (FORCE)", cancellation);
    }

    /// <summary>Folder with initdb and postgres: Debian's newest, else what stands on the path; null if there is none.</summary>
    internal static string? FindBinaries()
    {
        const string debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(debian)
            ? Directory.GetDirectories(debian)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(path).FirstOrDefault(folder => IsThere(Path.Combine(folder, "initdb")) && IsThere(Path.Combine(folder, "postgres")));
    }

    /// <summary>File.Exists is content with a link that leads nowhere.</summary>
    private static bool IsThere(string file) => File.Exists(file) && (File.ResolveLinkTarget(file, returnFinalTarget: true)?.Exists ?? true);

    private static async Task<PostgresServer> StartAsync()
    {
        // The socket's path must stay below 108 bytes.
        var folder = Directory.CreateTempSubdirectory("cyborg-pg-").FullName;
        if (folder.Length > 80)
        {
            Directory.Delete(folder);
            throw new InvalidOperationException("TMPDIR is too long for a Unix socket");
        }

        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", folder);
            start.FileName = "setpriv";
            foreach (var argument in new[] { "--reuid=postgres", "--regid=postgres", "--clear-groups", "sh" }) start.ArgumentList.Add(argument);
        }
        else
        {
            start.FileName = "sh";
        }

        foreach (var argument in new[] { "-c", Watcher, "watch-postgres", FindBinaries()!, folder }) start.ArgumentList.Add(argument);
        var watcher = Process.Start(start)!;
        var said = await watcher.StandardOutput.ReadLineAsync();
        if (said == "ready") return new PostgresServer(folder, watcher);

        throw new InvalidOperationException($"PostgreSQL did not start: {said}\n{await watcher.StandardOutput.ReadToEndAsync()}");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed");
    }

    private void Stop()
    {
        try
        {
            _watcher.StandardInput.Close();
            _watcher.WaitForExit(TimeSpan.FromSeconds(20));
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // The watcher has gone, and the server with it.
        }
    }

    private string NextName() => $"cyborg_{Interlocked.Increment(ref _databases)}";

    private string Url(string database) => $"postgresql://{User}@/{database}?host={Uri.EscapeDataString(_folder)}";

    private async Task MakeTemplateAsync()
    {
        await ExecuteAsync($"CREATE DATABASE {Template}", CancellationToken.None);
        var template = CyborgDatabase.Open(Url(Template), NullLoggerFactory.Instance, TimeProvider.System);
        await using (template) await template.MigrateAsync();

        // A template can't be copied while someone is connected to it, and a closed connection takes a moment to go.
        await ExecuteAsync(
            $"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{Template}'", CancellationToken.None);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = _folder, Username = User, Database = "postgres", Pooling = false, Timeout = 120, CommandTimeout = 600 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
