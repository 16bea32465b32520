namespace Cyborg.Cli;

/// <summary>How the program ends; scripts rely on these (doc/cli.md).</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The service refused, failed or was not reached.</summary>
    public const int Failed = 1;

    /// <summary>The command line, clouds.yaml or the OS_* variables are wrong; nobody was asked.</summary>
    public const int Usage = 2;

    /// <summary>It was begun and goes on.</summary>
    public const int GoesOn = 3;

    /// <summary>The program of the service that knows the verb is not on this machine.</summary>
    public const int NotHere = 127;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public const int Stopped = 130;
}
