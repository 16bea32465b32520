using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>What stands before the body of a call or reply. Unset fields are not written and unknown ones are ignored.</summary>
internal sealed record EnvelopeHeader
{
    /// <summary>Longest fault text that crosses, in characters.</summary>
    private const int MaxFaultText = 2000;

    /// <summary>Id of the call, the same in each re-send, made by the client.</summary>
    public Guid Call { get; init; }
    /// <summary>Bytes of the body, all parts together; set when it is sent.</summary>
    public long Size { get; set; }
    /// <summary>The caller's user.</summary>
    public string? UserId { get; init; }
    /// <summary>The caller's project.</summary>
    public string? ProjectId { get; init; }
    /// <summary>The caller is an admin.</summary>
    public bool IsAdmin { get; init; }
    /// <summary>The caller is a service.</summary>
    public bool IsService { get; init; }
    /// <summary>See <see cref="CallContext.RequestId"/>.</summary>
    public string? RequestId { get; init; }
    /// <summary>See <see cref="CallContext.GlobalRequestId"/>.</summary>
    public string? GlobalRequestId { get; init; }
    /// <summary>See <see cref="CallContext.TraceParent"/>.</summary>
    public string? TraceParent { get; init; }
    /// <summary>Time left when the frame was sent, in milliseconds: clocks of two hosts are never compared.</summary>
    public long RemainingMs { get; init; }
    /// <summary>See <see cref="CallContext.IdempotencyId"/>.</summary>
    public Guid? IdempotencyId { get; init; }
    /// <summary>In a reply: name of the <see cref="FaultCode"/>; absent if it went well.</summary>
    public string? Fault { get; init; }
    /// <summary>In a fault: the text for the caller.</summary>
    public string? FaultText { get; init; }

    /// <summary>The header of a call.</summary>
    public static EnvelopeHeader ForCall(Guid call, CallContext context, TimeSpan left) => new()
    {
        Call = call,
        UserId = context.Caller.UserId,
        ProjectId = context.Caller.ProjectId,
        IsAdmin = context.Caller.IsAdmin,
        IsService = context.Caller.IsService,
        RequestId = context.RequestId.Length == 0 ? null : context.RequestId,
        GlobalRequestId = context.GlobalRequestId,
        TraceParent = context.TraceParent,
        // Never zero: that would be sent as a call that is over already.
        RemainingMs = Math.Max(1, (long)left.TotalMilliseconds),
        IdempotencyId = context.IdempotencyId,
    };

    /// <summary>The header of a fault; a longer text is cut.</summary>
    public static EnvelopeHeader ForFault(FaultCode code, string text) => new()
    {
        Fault = code.ToString(),
        FaultText = text.Length <= MaxFaultText ? text : text[..MaxFaultText] + "...",
    };

    /// <summary>The fault that the header tells of; null if none. A code that this version does not know is <see cref="FaultCode.Internal"/>.</summary>
    public FaultException? ToFault() => Fault is null
        ? null
        : new FaultException(
            Enum.TryParse<FaultCode>(Fault, out var code) && Enum.IsDefined(code) ? code : FaultCode.Internal,
            FaultText ?? "The peer gave no reason.");

    /// <summary>What the handler of a call gets to know.</summary>
    public CallContext ToContext(string? host, TimeSpan left) => new()
    {
        Caller = new Caller { UserId = UserId, ProjectId = ProjectId, IsAdmin = IsAdmin, IsService = IsService },
        RequestId = RequestId ?? "",
        GlobalRequestId = GlobalRequestId,
        TraceParent = TraceParent,
        TimeLeft = left,
        IdempotencyId = IdempotencyId,
        Host = host,
    };

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EnvelopeJson.Default.EnvelopeHeader);

    /// <summary>Reads a header; null if the bytes are none.</summary>
    public static EnvelopeHeader? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var header = JsonSerializer.Deserialize(bytes.Span, EnvelopeJson.Default.EnvelopeHeader);
            return header is { Size: >= 0 } ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How headers are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(EnvelopeHeader))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
