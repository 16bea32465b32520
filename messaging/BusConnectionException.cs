namespace Cyborg.Messaging;

/// <summary>A connection to the bus can't be made: the server refuses the login, its certificate is not trusted, a file is missing, or nobody
/// is there. The message holds no secret.</summary>
/// <param name="message">What is wrong, for an operator.</param>
/// <param name="innerException">Why.</param>
public sealed class BusConnectionException(string message, Exception? innerException = null) : IOException(message, innerException);
