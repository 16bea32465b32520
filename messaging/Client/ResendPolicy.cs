namespace Cyborg.Messaging;

/// <summary>What an attempt came to.</summary>
internal enum AttemptOutcome
{
    /// <summary>A reply.</summary>
    Reply,
    /// <summary>A fault other than busy.</summary>
    Fault,
    /// <summary>The server, or this end, has too much to do.</summary>
    Busy,
    /// <summary>Nobody listens.</summary>
    NoResponder,
    /// <summary>The transport did not take the message.</summary>
    Unreachable,
    /// <summary>No sign of life for <see cref="BusOptions.AttemptTimeout"/>.</summary>
    Lost,
}

/// <summary>What to do after an attempt.</summary>
internal enum NextStep
{
    /// <summary>The call is over.</summary>
    End,
    /// <summary>Send again now.</summary>
    Resend,
    /// <summary>Send again after a short, jittered wait.</summary>
    ResendAfterBusyDelay,
    /// <summary>Send again when the rest of an attempt's time has passed; an earlier attempt's answer may still come.</summary>
    ResendAfterAttemptTimeout,
}

/// <summary>When a call is sent again; pure.</summary>
internal static class ResendPolicy
{
    /// <summary>Decides. Once an attempt may have been accepted, a later one's refusal does not say that nothing was done: such a call of a
    /// mutating verb goes on until its deadline, which says honestly that the outcome is unknown.</summary>
    /// <param name="outcome">What the last attempt came to.</param>
    /// <param name="mutating">The verb changes something.</param>
    /// <param name="mayBeAccepted">An earlier attempt was lost.</param>
    /// <param name="busyRetried">A busy server was asked once more already.</param>
    public static NextStep Decide(AttemptOutcome outcome, bool mutating, bool mayBeAccepted, bool busyRetried) => outcome switch
    {
        AttemptOutcome.Reply or AttemptOutcome.Fault => NextStep.End,
        AttemptOutcome.Lost => NextStep.Resend,
        AttemptOutcome.Busy when !busyRetried => NextStep.ResendAfterBusyDelay,
        _ => mutating && mayBeAccepted ? NextStep.ResendAfterAttemptTimeout : NextStep.End,
    };
}
