using Cyborg.Hosting;
using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

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
    public static async Task<IBusTransport> OpenAsync(string role, CyborgConfig config, ILoggerFactory logs, CancellationToken stop)
    {
        var url = config.Get(SharedOptions.TransportUrlOption);
        if (url.StartsWith("inprocess:", StringComparison.OrdinalIgnoreCase))
        {
            throw new ConfigException(
                $"{config.Place(SharedOptions.TransportUrlOption)}: inprocess:// reaches nobody outside this process; write nats://user:password@host:4222");
        }
        try
        {
            return await BusTransports.OpenAsync(url, Settings(role, NatsOptions.From(config)), logs, TimeProvider.System, stop);
        }
        catch (FormatException error)
        {
            throw new ConfigException(error.Message.Split('\n'));
        }
    }

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
