using System.Net;
using System.Net.Sockets;

namespace Cyborg.Crash.Tests;

/// <summary>Ports for servers that have to come back where they were.</summary>
internal static class Ports
{
    /// <summary>One that is free now, below those that the system hands out by itself, so that no client's connection takes it meanwhile.</summary>
    public static int TakeFree()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = Random.Shared.Next(20000, 32000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
        throw new InvalidOperationException("no port is free");
    }

    /// <summary>True if somebody listens.</summary>
    public static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
