using Cyborg.Hosting;
using Cyborg.Messaging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Executables;

/// <summary>Opens the bus that the configuration names.</summary>
internal static class BusOpening
{
    /// <summary>Connects; waits for a server that is away.</summary>
    /// <param name="role">Who connects, for the server: <c>api</c>, <c>agent.HOST</c>.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="logs">Where breaks are told.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ConfigException">The URL or a value of <c>[nats]</c> is wrong.</exception>
    /// <exception cref="BusConnectionException">The server refuses, or a file is missing.</exception>
    public static Task<IBusTransport> OpenAsync(string role, CyborgConfig config, ILoggerFactory logs, CancellationToken stop) =>
        OpenAsync(Settings(role, config), config, logs, stop);

    /// <summary>Connects, or fails at once.</summary>
    /// <exception cref="ConfigException">The URL or a value of <c>[nats]</c> is wrong.</exception>
    /// <exception cref="BusConnectionException">Nobody is there, the server refuses, or a file is missing.</exception>
    public static Task<IBusTransport> OpenOnceAsync(string role, CyborgConfig config, CancellationToken stop) =>
        OpenAsync(Settings(role, config) with { WaitForServer = false }, config, NullLoggerFactory.Instance, stop);

    /// <summary>Looks at the URL and <c>[nats]</c>, and opens nothing.</summary>
    /// <exception cref="ConfigException">They are wrong.</exception>
    public static void Judge(string role, CyborgConfig config)
    {
        RefuseInProcess(config);
        try
        {
            NatsTransportOptions.Parse(config.Get(SharedOptions.TransportUrlOption), Settings(role, config));
        }
        catch (FormatException error)
        {
            throw Faults(error, config);
        }
    }

    private static async Task<IBusTransport> OpenAsync(NatsSettings settings, CyborgConfig config, ILoggerFactory logs, CancellationToken stop)
    {
        RefuseInProcess(config);
        try
        {
            return await BusTransports.OpenAsync(config.Get(SharedOptions.TransportUrlOption), settings, logs, TimeProvider.System, stop);
        }
        catch (FormatException error)
        {
            throw Faults(error, config);
        }
    }

    private static void RefuseInProcess(CyborgConfig config)
    {
        if (config.Get(SharedOptions.TransportUrlOption).StartsWith("inprocess:", StringComparison.OrdinalIgnoreCase))
        {
            throw new ConfigException(
                $"{config.Place(SharedOptions.TransportUrlOption)}: inprocess:// reaches nobody outside this process; write nats://user:password@host:4222");
        }
    }

    private static ConfigException Faults(FormatException error, CyborgConfig config) =>
        new([.. error.Message.Split('\n').Select(line => $"{config.Place(SharedOptions.TransportUrlOption)}: {line}")]);

    private static NatsSettings Settings(string role, CyborgConfig config) => Settings(role, NatsOptions.From(config));

    private static NatsSettings Settings(string role, NatsOptions options) => new()
    {
        Role = role,
        CaFile = options.CaFile,
        CertificateFile = options.CertFile,
        KeyFile = options.KeyFile,
        SeedFile = options.SeedFile,
        CredentialsFile = options.CredentialsFile,
        InboxPrefix = options.InboxPrefix,
    };
}
