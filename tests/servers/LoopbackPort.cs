using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cyborg.TestServers;

/// <summary>A port of 127.0.0.1 for a server that has to come back where it was. Nobody else who asks here gets it until it is given back: a locked file
/// in the temporary folder tells the test processes that run at the same time.</summary>
public sealed class LoopbackPort : IDisposable
{
    // Below the range that outgoing connections take their ports from: a client that tries to connect again can't meet itself there.
    private const int First = 20_000, Last = 32_000;

    private FileStream? _held;

    private LoopbackPort(int number, FileStream held) => (Number, _held) = (number, held);

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>Takes one on which nobody listens.</summary>
    public static LoopbackPort Take()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"cyborg-ports-{Environment.UserName}")).FullName;
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var number = Random.Shared.Next(First, Last);
            if (TryHold(Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture))) is not { } held)
                continue;
            if (IsFree(number))
                return new LoopbackPort(number, held);
            Release(held);
        }
        throw new InvalidOperationException("no port is free");
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _held, null) is { } held)
            Release(held);
    }

    private static FileStream? TryHold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Release(FileStream held)
    {
        File.Delete(held.Name);
        held.Dispose();
    }

    private static bool IsFree(int number)
    {
        using var listener = new TcpListener(IPAddress.Loopback, number);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
