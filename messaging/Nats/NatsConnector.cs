using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Cyborg.Messaging;

/// <summary>Makes the first connection: waits for a server that is not there yet, and tells a refusal, which no waiting mends, at once.</summary>
internal static class NatsConnector
{
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromSeconds(5);
    private const int MaxPingsUnanswered = 2;
    private const int WriterBuffer = 1024 * 1024;

    /// <summary>Connects.</summary>
    /// <param name="options">Where and as whom.</param>
    /// <param name="prepare">Is shown each connection before it is opened.</param>
    /// <param name="logs">Where failures are told.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusConnectionException">Refused, or nobody is there and <see cref="NatsSettings.WaitForServer"/> is off.</exception>
    public static async Task<NatsConnection> ConnectAsync(
        NatsTransportOptions options, Action<NatsConnection> prepare, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        await NatsLogin.CheckFilesAsync(options.Settings, cancellationToken).ConfigureAwait(false);
        var logger = logs.CreateLogger<NatsTransport>();
        var opts = ClientOptions(options, logs);
        var delay = options.ReconnectDelay;
        for (var attempt = 1; ; attempt++)
        {
            var connection = new NatsConnection(opts);
            try
            {
                prepare(connection);
                await OpenAsync(connection).WaitAsync(cancellationToken).ConfigureAwait(false);
                return connection;
            }
            catch (Exception exception)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (Refusal(options, exception) is { } refusal)
                    throw new BusConnectionException(refusal, exception);
                if (!options.Settings.WaitForServer)
                    throw new BusConnectionException($"No server of the bus can be reached: {Reason(options, exception)}", exception);
                var wait = delay * (1 + Random.Shared.NextDouble());
                Log.BusUnreachable(logger, attempt, wait, Reason(options, exception));
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                delay = delay * 2 < options.MaxReconnectDelay ? delay * 2 : options.MaxReconnectDelay;
            }
        }
    }

    // What reads outlives the call that connects, and calls consumers: it must not carry that call's trace or locals along.
    private static Task OpenAsync(NatsConnection connection)
    {
        using (ExecutionContext.SuppressFlow())
            return connection.ConnectAsync().AsTask();
    }

    private static NatsOpts ClientOptions(NatsTransportOptions options, ILoggerFactory logs) => new()
    {
        Url = string.Join(',', options.Servers),
        Name = options.Settings.Role,
        AuthOpts = NatsLogin.AuthOf(options),
        TlsOpts = NatsLogin.TlsOf(options),
        LoggerFactory = logs,
        InboxPrefix = options.InboxPrefix,
        // The library's own requests are not used: no subscription of its own.
        RequestReplyMode = NatsRequestReplyMode.SharedInbox,
        ConnectTimeout = options.Settings.ConnectTimeout,
        ReconnectWaitMin = options.ReconnectDelay,
        ReconnectWaitMax = options.MaxReconnectDelay,
        ReconnectJitter = options.ReconnectDelay,
        MaxReconnectRetry = -1,
        // A server that is set up anew refuses everyone for a while.
        IgnoreAuthErrorAbort = true,
        PingInterval = s_pingInterval,
        MaxPingOut = MaxPingsUnanswered,
        WriterBufferSize = WriterBuffer,
        CommandTimeout = NatsTransport.Patience,
    };

    private static string? Refusal(NatsTransportOptions options, Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case NatsServerException { IsAuthError: true }:
                    return $"The bus at {string.Join(',', options.Servers)} refuses the login of {Login(options)}.";
                case AuthenticationException:
                    return $"No TLS with the bus at {string.Join(',', options.Servers)}: its certificate must name this address and be signed by "
                        + $"{options.Settings.CaFile ?? "an authority that this machine trusts, or by [nats] ca_file"}. {cause.Message}";
            }
        }
        return null;
    }

    private static string Login(NatsTransportOptions options) => options switch
    {
        { User: { } user } => $"user {user}",
        { Settings.SeedFile: not null } => "the NKey in [nats] seed_file",
        { Settings.CredentialsFile: not null } => "the user in [nats] credentials_file",
        _ => "a client without a user",
    };

    private static string Reason(NatsTransportOptions options, Exception exception) =>
        $"{string.Join(',', options.Servers)}: {exception.GetBaseException().Message}";
}
