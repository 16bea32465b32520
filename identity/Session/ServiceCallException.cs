namespace Cyborg.Identity.Session;

/// <summary>Why a call to another service has no answer.</summary>
public enum ServiceCallFailure
{
    /// <summary>Not reached, no answer in time, or an answer that makes no sense. May pass.</summary>
    Unavailable,
    /// <summary>Keystone refuses the service's own credentials. Stays until someone changes them.</summary>
    Refused,
    /// <summary>The catalog has no endpoint as asked for.</summary>
    NoEndpoint,
}

/// <summary>A call to another service that has no answer. The text holds no secrets.</summary>
public sealed class ServiceCallException : Exception
{
    internal ServiceCallException(ServiceCallFailure failure, string message, Exception? inner = null) : base(message, inner) =>
        Failure = failure;

    /// <summary>The kind of failure.</summary>
    public ServiceCallFailure Failure { get; }
}
