using System.Net;
using System.Net.Sockets;

namespace Cyborg.Bench;

/// <summary>Loopback ports.</summary>
internal static class Ports
{
    /// <summary>One that is free now, below those that the system hands out by itself.</summary>
    public static int TakeFree()
    {
        while (true)
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
