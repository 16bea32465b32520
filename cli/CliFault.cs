namespace Cyborg.Cli;

/// <summary>The end of a verb that did not work: one line for standard error, saying what is wrong and what would be right, and the exit code.</summary>
internal sealed class CliFault(string text, int code) : Exception(text)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int Code { get; } = code;

    /// <summary>HTTP status of the service's answer; null if there was none.</summary>
    public int? Status { get; init; }

    /// <summary>What the person typed, or wrote into a file, is wrong.</summary>
    public static CliFault Usage(string text) => new(text, ExitCodes.Usage);

    /// <summary>It could not be done.</summary>
    public static CliFault Failed(string text) => new(text, ExitCodes.Failed);

    /// <summary>It goes on, and this program has waited long enough.</summary>
    public static CliFault GoesOn(string text) => new(text, ExitCodes.GoesOn);
}
