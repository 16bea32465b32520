using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>A verb with its handler and pool.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Subject">What to listen on.</param>
/// <param name="QueueGroup">Whose members share its calls.</param>
/// <param name="Pool">Where its handlers run.</param>
/// <param name="Invoke">Reads the body, runs the handler, writes the reply.</param>
internal sealed record ServedVerb(
    Verb Verb, string Subject, string QueueGroup, HandlerPool Pool, Func<Received, CallContext, CancellationToken, Task<byte[]>> Invoke)
{
    /// <summary>Its name in logs and metrics.</summary>
    public string Name { get; } = Verb.FullName;

    /// <summary>Wraps a typed handler.</summary>
    public static Func<Received, CallContext, CancellationToken, Task<byte[]>> Wrap<TRequest, TReply>(
        Verb<TRequest, TReply> verb, Func<TRequest, CallContext, CancellationToken, Task<TReply>> handler) =>
        async (received, context, cancellationToken) =>
        {
            TRequest request;
            // The bytes are given back before the handler runs.
            using (received)
                request = Read(verb, received.Body);
            var reply = await handler(request, context, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.SerializeToUtf8Bytes(reply, verb.ReplyJson);
        };

    private static TRequest Read<TRequest, TReply>(Verb<TRequest, TReply> verb, ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, verb.RequestJson)
                ?? throw new FaultException(FaultCode.ProtocolError, "The request has no body.");
        }
        catch (JsonException exception)
        {
            throw new FaultException(FaultCode.ProtocolError, "The request's body is malformed.", exception);
        }
    }
}
