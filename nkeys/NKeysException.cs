namespace NATS.NKeys;

/// <summary>A text is no key, or a key can't do what is asked of it. The message never shows a seed.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">Why.</param>
public sealed class NKeysException(string message, Exception? innerException = null) : Exception(message, innerException);
