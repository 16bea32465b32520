using Cyborg.Cli;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg</c>.</summary>
internal static class CliProgram
{
    public static Task<int> Main(string[] args) => OperatorCommandLine.RunAsync(args);
}
