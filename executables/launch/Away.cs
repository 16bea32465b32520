using System.Net.Sockets;
using Cyborg.Model;

namespace Cyborg.Executables;

/// <summary>Tells a server that is away, and may come back, from errors that stay.</summary>
internal static class Away
{
    private static readonly FaultCode[] Passing = [FaultCode.Unavailable, FaultCode.NoResponder, FaultCode.Busy, FaultCode.DeadlineExceeded];

    /// <summary>Why to try again, in words that may be logged; null if that would not help.</summary>
    public static string? Reason(Exception error) => error switch
    {
        FaultException fault when Passing.Contains(fault.Code) => fault.Message,
        SocketException { SocketErrorCode: not SocketError.AddressAlreadyInUse and not SocketError.AccessDenied } socket => socket.Message,
        TimeoutException timeout => timeout.Message,
        _ => null,
    };
}
