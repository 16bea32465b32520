using System.Data.Common;
using Cyborg.Hosting;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Executables;

/// <summary>A command that does one thing to the conductor's database and ends. What goes wrong is one line on standard error.</summary>
internal static class DatabaseTool
{
    /// <summary>Does it.</summary>
    /// <param name="name">The executable's name, for messages.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">Options that it reads besides the shared ones; those of the services are theirs to judge.</param>
    /// <param name="work">What to do; answers the exit code.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ConfigException">The configuration is wrong.</exception>
    public static async Task<int> RunAsync(
        string name, CommandLineArguments arguments, IReadOnlyList<Option> options,
        Func<CyborgConfig, CyborgDatabase, CancellationToken, Task<int>> work, CancellationToken stop)
    {
        var config = CyborgConfig.Load(arguments, [.. SharedOptions.All, .. options]);
        using var logs = LoggingSetup.Create(config);
        try
        {
            await using var database = CyborgDatabase.Open(SharedOptions.From(config).Connection, logs, TimeProvider.System);
            return await work(config, database, stop);
        }
        catch (Exception error) when (error is DatabaseUrlException or DatabaseSchemaException or FaultException or DbException or IOException
            or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{name}: {error.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }
}
