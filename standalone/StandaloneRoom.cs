using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Conductor;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Cyborg.Standalone;

/// <summary>API, conductor and agent in one process, over the same bus contract as between processes.</summary>
public sealed class StandaloneRoom : IAsyncDisposable
{
    private readonly DataFolder _data;
    private readonly ConductorRoom _conductor;
    private readonly AgentRoom _agent;
    private readonly WebApplication _api;

    private StandaloneRoom(CyborgConfig config, DataFolder data, ILoggerFactory logs, TimeProvider time)
    {
        _data = data;
        var bus = new InProcessBus(null, logs);
        _conductor = ConductorRoom.Build(config, bus.Connect(), logs, time);
        _agent = AgentRoom.Build(config, bus.Connect(), logs, time);
        _api = ApiRoom.Build(config, bus.Connect(), logs, time: time);
    }

    /// <summary>Every option that one of the rooms reads.</summary>
    public static IReadOnlyList<Option> Options { get; } = [.. ApiOptions.All.Concat(ConductorOptions.All).Concat(AgentOptions.All).Distinct()];

    /// <summary>Where the API listens.</summary>
    public Uri Address => new(_api.Urls.First());

    /// <summary>Ends when the devices of this machine are known, with what the drivers found.</summary>
    public Task<IReadOnlyList<DriverDiscovery>> FirstReport => _agent.FirstReport;

    /// <summary>Starts everything: the database first, the API last. What the configuration leaves open is set as one machine wants it.</summary>
    /// <param name="config">The configuration, read with <see cref="Options"/>.</param>
    /// <param name="dataDirectory">Folder of the database.</param>
    /// <param name="logs">Where the rooms log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ConfigException">A value of the configuration is wrong.</exception>
    /// <exception cref="IOException">The folder or the port is in use.</exception>
    public static async Task<StandaloneRoom> StartAsync(
        CyborgConfig config, string dataDirectory, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(dataDirectory);
        var data = DataFolder.Hold(folder);
        StandaloneRoom room;
        try
        {
            room = new StandaloneRoom(WithDefaults(config, folder), data, logs, time);
        }
        catch
        {
            data.Dispose();
            throw;
        }
        try
        {
            await room._conductor.StartAsync(cancellationToken);
            await room._agent.StartAsync(cancellationToken);
            await room._api.StartAsync(cancellationToken);
            return room;
        }
        catch
        {
            await room.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops everything, in the opposite order: what was asked is still answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _api.StopAsync();
        await _api.DisposeAsync();
        await _agent.DisposeAsync();
        await _conductor.DisposeAsync();
        _data.Dispose();
    }

    private static CyborgConfig WithDefaults(CyborgConfig config, string folder)
    {
        config = Default(config, ApiOptions.AuthStrategyOption, ApiOptions.NoAuth);
        config = Default(config, SharedOptions.StatePathOption, folder);
        config = Default(config, SharedOptions.ConnectionOption, $"sqlite:///{folder}/cyborg.sqlite");
        config = Default(config, AgentOptions.InitialStateOption, "ready");
        config = Default(config, AgentOptions.EnabledDriversOption, ["fake_driver", "generic_driver"]);
        config = Default(config, GenericOptions.PassthroughWhitelistOption, ["auto"]);
        return Default(config, AgentOptions.ImagePathOption, Directory.CreateDirectory(Path.Combine(folder, "images")).FullName);
    }

    private static CyborgConfig Default<T>(CyborgConfig config, Option<T> option, T value) => config.IsSet(option) ? config : config.With(option, value);
}
