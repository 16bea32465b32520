using Xunit;

namespace Cyborg.TestServers;

/// <summary>What a test needs from the machine. On a laptop a test whose server is missing is skipped; with <c>CI=true</c> it fails.</summary>
public static class Servers
{
    /// <summary>True where a missing server is a failure.</summary>
    public static bool InCi => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The PostgreSQL server of this test process, started at the first call.</summary>
    public static Task<PostgresServer> RequirePostgresAsync()
    {
        if (PostgresServer.FindBinaries() is null) Missing("PostgreSQL", "postgresql");
        if (Environment.IsPrivilegedProcess && !PostgresServer.CanStepDown) Missing("setpriv, to start PostgreSQL as user postgres", "util-linux");
        return PostgresServer.Shared;
    }

    /// <summary>Folder with PostgreSQL's initdb and postgres, for a test that starts a server of its own. Skips or fails the test if there is none.</summary>
    public static string RequirePostgresBinaries()
    {
        if (PostgresServer.FindBinaries() is not { } folder)
        {
            Missing("PostgreSQL", "postgresql");
            throw new InvalidOperationException();
        }
        if (Environment.IsPrivilegedProcess && !PostgresServer.CanStepDown) Missing("setpriv, to start PostgreSQL as user postgres", "util-linux");
        return folder;
    }

    /// <summary>Skips or fails the running test, naming the Debian package.</summary>
    public static void Missing(string what, string package)
    {
        var message = $"needs {what}: apt-get install {package}";
        if (InCi) Assert.Fail(message);
        Assert.Skip(message);
    }
}
