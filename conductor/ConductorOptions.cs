using Cyborg.Hosting;

namespace Cyborg.Conductor;

/// <summary>Options of the conductor.</summary>
public sealed record ConductorOptions
{
    /// <summary><c>[conductor] rpc_workers</c>.</summary>
    public static readonly Option<int> RpcWorkersOption = Options.Integer(
        "conductor", "rpc_workers", 32, "Calls that one conductor works on at the same time; reports of agents have as many of their own.", min: 1, max: 1024);

    /// <summary>All of them, those shared by every executable included.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. SharedOptions.All, RpcWorkersOption];

    /// <summary>URL of the database; may hold a password.</summary>
    public required string Connection { get; init; }

    /// <summary>Calls at the same time.</summary>
    public required int RpcWorkers { get; init; }

    /// <summary>Reads them.</summary>
    public static ConductorOptions From(CyborgConfig config) => new()
    {
        Connection = SharedOptions.From(config).Connection,
        RpcWorkers = config.Get(RpcWorkersOption),
    };

    /// <summary>The values without the one that may hold a password.</summary>
    public override string ToString() => $"ConductorOptions {{ RpcWorkers = {RpcWorkers} }}";
}
