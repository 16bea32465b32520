namespace Cyborg.Crash.Tests;

/// <summary>One process of the cloud that comes back after each kill.</summary>
/// <param name="name">Such as <c>conductor-1</c>.</param>
/// <param name="start">Starts it and answers when it runs (not when it is ready).</param>
internal sealed class Part(string name, Func<IReadOnlyDictionary<string, string>, Task<RealProcess>> start) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Plain = new()
    {
        // Many starts on few cores: what is compiled is compiled cheaply, and the runtime keeps few threads.
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_TieredCompilation"] = "1",
        ["DOTNET_EnableDiagnostics"] = "0",
    };

    private readonly SemaphoreSlim _turn = new(1, 1);

    public string Name => name;

    /// <summary>The process; null while it is down.</summary>
    public RealProcess? Process { get; private set; }

    /// <summary>Starts it, with one more environment variable if given.</summary>
    public async Task StartAsync((string Name, string Value)? variable = null)
    {
        await _turn.WaitAsync();
        try
        {
            if (Process is { Exited.IsCompleted: false }) return;
            if (Process is not null) await Process.DisposeAsync();
            Process = await start(variable is { } more ? new Dictionary<string, string>(Plain) { [more.Name] = more.Value } : Plain);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Kills it; true if it was alive.</summary>
    public async Task<bool> KillAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (Process is not { Exited.IsCompleted: false } alive) return false;
            await alive.KillAsync();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        if (Process is not null) await Process.DisposeAsync();
        _turn.Dispose();
    }
}
