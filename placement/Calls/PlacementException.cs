namespace Cyborg.Placement;

/// <summary>Why Placement could not be used.</summary>
public enum PlacementFailure
{
    /// <summary>Not reached, no answer in time, a 5xx, or an answer that makes no sense. May pass.</summary>
    Away,
    /// <summary>Placement or Keystone refuses this service, or Placement is too old. Stays until somebody changes that.</summary>
    Refused,
    /// <summary>Placement has no provider of the host itself: its compute service has not made it yet, or it has another name.</summary>
    NoHost,
}

/// <summary>Placement could not be used. The text holds no secrets.</summary>
public sealed class PlacementException : Exception
{
    internal PlacementException(PlacementFailure failure, string message, Exception? inner = null) : base(message, inner) => Failure = failure;

    /// <summary>The kind of failure.</summary>
    public PlacementFailure Failure { get; }
}
