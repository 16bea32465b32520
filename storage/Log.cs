using Microsoft.Extensions.Logging;

namespace Cyborg.Storage;

/// <summary>Everything that storage logs. Event ids 5000-5099, never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "Database {Database}: {Reason}, attempt {Attempt} failed; again in {Delay} ms.")]
    public static partial void Retrying(ILogger log, string database, TransientReason reason, int attempt, int delay);

    [LoggerMessage(5001, LogLevel.Information, "Database {Database}: schema brought from version {From} to {To}.")]
    public static partial void Migrated(ILogger log, string database, long from, long to);
}
