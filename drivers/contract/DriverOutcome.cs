namespace Cyborg.Drivers;

/// <summary>How a driver's operation ended.</summary>
public enum DriverOutcomeKind
{
    /// <summary>It worked.</summary>
    Done,
    /// <summary>The driver tried and failed.</summary>
    Failed,
    /// <summary>The driver cannot do this at all.</summary>
    NotSupported,
}

/// <summary>How a driver's operation ended, told truthfully.</summary>
/// <param name="Kind">How.</param>
/// <param name="Reason">Why it did not work, in one sentence for an operator and for the API's caller: no secrets. Null if it worked.</param>
public sealed record DriverOutcome(DriverOutcomeKind Kind, string? Reason)
{
    /// <summary>It worked.</summary>
    public static DriverOutcome Done { get; } = new(DriverOutcomeKind.Done, null);

    /// <summary>The driver tried and failed.</summary>
    public static DriverOutcome Failed(string reason) => new(DriverOutcomeKind.Failed, reason);

    /// <summary>The driver cannot do this at all.</summary>
    public static DriverOutcome NotSupported(string reason) => new(DriverOutcomeKind.NotSupported, reason);

    /// <summary>True if it worked.</summary>
    public bool Worked => Kind == DriverOutcomeKind.Done;
}

/// <summary>A driver cannot do its work; the text is meant for an operator.</summary>
public sealed class DriverException : Exception
{
    /// <summary>Makes it with a text for the operator.</summary>
    public DriverException(string message) : base(message)
    {
    }

    /// <summary>Makes it with a text for the operator and the cause.</summary>
    public DriverException(string message, Exception cause) : base(message, cause)
    {
    }
}
