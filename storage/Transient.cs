using System.Net.Sockets;
using Cyborg.Model;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>Why a transaction may be run again.</summary>
internal enum TransientReason
{
    /// <summary>The database rolled it back in favour of another one: a serialization failure or a deadlock.</summary>
    Conflict,

    /// <summary>Another process writes to the SQLite file.</summary>
    FileBusy,

    /// <summary>The connection broke or could not be made.</summary>
    ConnectionLost,
}

/// <summary>Tells errors that pass from errors that stay.</summary>
internal static class Transient
{
    private const int SqliteBusy = 5, SqliteLocked = 6, SqliteCanNotOpen = 14;

    /// <summary>The reason to run the transaction again, or null if that would not help. An intended error is never a reason, whatever caused
    /// it: the work has decided.</summary>
    public static TransientReason? Reason(Exception error)
    {
        for (var current = error; current is not null; current = current.InnerException)
        {
            switch (current)
            {
                case FaultException or OperationCanceledException:
                    return null;
                case PostgresException postgres:
                    return Reason(postgres.SqlState);
                case SqliteException sqlite:
                    return Reason(sqlite.SqliteErrorCode);
                case NpgsqlException { InnerException: IOException or SocketException or TimeoutException }:
                case IOException or SocketException when error is NpgsqlException:
                    return TransientReason.ConnectionLost;
            }
        }

        return null;
    }

    /// <summary>How long to wait after so many failures: from 10 ms doubling to 1 s, each drawn between half and the whole of it.</summary>
    public static TimeSpan Delay(int failures)
    {
        var most = Math.Min(1_000, 10 * Math.Pow(2, failures - 1));
#pragma warning disable CA5394 // Spreads retries; guards nothing.
        return TimeSpan.FromMilliseconds(most * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }

    /// <summary>What the caller is told in the end; the cause is for the log.</summary>
    public static FaultException GivenUp(TransientReason reason, Exception cause) => new(
        FaultCode.Unavailable,
        reason == TransientReason.ConnectionLost ? "The database can not be reached; try again." : "The database is too busy; try again.",
        cause);

    private static TransientReason? Reason(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => TransientReason.Conflict,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections => TransientReason.ConnectionLost,
        _ when sqlState.StartsWith("08", StringComparison.Ordinal) => TransientReason.ConnectionLost,
        _ => null,
    };

    private static TransientReason? Reason(int sqliteCode) => sqliteCode switch
    {
        SqliteBusy or SqliteLocked => TransientReason.FileBusy,
        SqliteCanNotOpen => TransientReason.ConnectionLost,
        _ => null,
    };
}
