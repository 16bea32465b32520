using System.Collections.Frozen;
using Cyborg.Model;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Errors;

/// <summary>How the inner text of an error body is written; upstream has three ways, by where the error arose.</summary>
internal enum FaultForm
{
    /// <summary><c>{"faultcode", "faultstring", "debuginfo"}</c>: found by a handler.</summary>
    Fault,
    /// <summary><c>{"code", "title", "description"}</c> or plain text: found before a handler ran.</summary>
    Abort,
    /// <summary>The four letters <c>null</c>.</summary>
    Null,
}

/// <summary>What an error becomes in HTTP.</summary>
/// <param name="Status">Status code.</param>
internal sealed record HttpFault(int Status)
{
    /// <summary>Status that upstream gives, used with <c>[api] upstream_fault_codes</c>; null if the same.</summary>
    public int? UpstreamStatus { get; init; }

    /// <summary>Seconds after which the client may try again; null if trying again is no use.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Text that stands in for the error's own, which may speak of our inside; null to hand out the error's own.</summary>
    public string? Text { get; init; }

    /// <summary>How the inner text is written.</summary>
    public FaultForm Form { get; init; } = FaultForm.Fault;

    /// <summary>The status to answer.</summary>
    public int StatusFor(bool upstreamFaultCodes) => upstreamFaultCodes ? UpstreamStatus ?? Status : Status;
}

/// <summary>The one place where errors become HTTP. <c>[api] upstream_fault_codes</c> restores the three 500s that upstream's tempest suite
/// asserts; every other status is the same in both modes.</summary>
internal static class HttpFaults
{
    /// <summary>For every fault of the domain and the bus.</summary>
    public static FrozenDictionary<FaultCode, HttpFault> OfDomain { get; } = new Dictionary<FaultCode, HttpFault>
    {
        [FaultCode.InvalidInput] = new(StatusCodes.Status400BadRequest),
        [FaultCode.InstanceHasArqs] = new(StatusCodes.Status400BadRequest),

        [FaultCode.ArqBoundToInstance] = new(StatusCodes.Status403Forbidden),
        [FaultCode.ServiceTokenRequired] = new(StatusCodes.Status403Forbidden),

        [FaultCode.DeviceNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.DeployableNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.AttributeNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.DeviceProfileNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.ArqNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.ResourceProviderNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.NoFreeAttachHandle] = new(StatusCodes.Status404NotFound),
        [FaultCode.ImageNotFound] = new(StatusCodes.Status404NotFound),

        [FaultCode.AcceleratorNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.AcceleratorNameExists] = new(StatusCodes.Status409Conflict),
        [FaultCode.AcceleratorUuidExists] = new(StatusCodes.Status409Conflict),
        [FaultCode.NoBackend] = new(StatusCodes.Status409Conflict),
        [FaultCode.DriverNotFound] = new(StatusCodes.Status404NotFound),
        [FaultCode.PackageUnusable] = new(StatusCodes.Status409Conflict),
        // What stands behind the service failed or does not answer; new with v1, where upstream has no habits.
        [FaultCode.BackendFailed] = new(StatusCodes.Status502BadGateway),
        [FaultCode.StillGoingOn] = new(StatusCodes.Status504GatewayTimeout),

        [FaultCode.Conflict] = new(StatusCodes.Status409Conflict),
        [FaultCode.ArqBadState] = new(StatusCodes.Status409Conflict),
        [FaultCode.StaleCommand] = new(StatusCodes.Status409Conflict),
        [FaultCode.DeviceUnusable] = new(StatusCodes.Status409Conflict),
        [FaultCode.DeviceProfileNameExists] = new(StatusCodes.Status409Conflict),
        [FaultCode.DeviceProfileUuidExists] = new(StatusCodes.Status409Conflict) { UpstreamStatus = StatusCodes.Status500InternalServerError },
        [FaultCode.DeviceProfileInUse] = new(StatusCodes.Status409Conflict),
        [FaultCode.NotSupportedByDriver] = new(StatusCodes.Status409Conflict),
        [FaultCode.ImageUnusable] = new(StatusCodes.Status409Conflict),

        // The host tried and its hardware or driver failed: nothing the client sent is wrong.
        [FaultCode.DriverFailed] = new(StatusCodes.Status500InternalServerError),
        [FaultCode.Internal] = new(StatusCodes.Status500InternalServerError) { Text = "An internal error occurred." },
        [FaultCode.MessageTooLarge] = new(StatusCodes.Status500InternalServerError) { Text = "The answer is too large to be sent." },

        [FaultCode.NoResponder] = Unavailable("No conductor is there to answer.", 5),
        [FaultCode.Busy] = Unavailable("The service has as much work as it takes.", 1),
        [FaultCode.DeadlineExceeded] = Unavailable("No answer came in time; whether the work was done is unknown.", 5),
        [FaultCode.ProtocolError] = Unavailable("A message was lost; whether the work was done is unknown.", 5),
        [FaultCode.Unavailable] = Unavailable("The service cannot reach something that it needs.", 5),
    }.ToFrozenDictionary();

    /// <summary>For every fault that the surface finds itself.</summary>
    public static FrozenDictionary<ApiError, HttpFault> OfSurface { get; } = new Dictionary<ApiError, HttpFault>
    {
        [ApiError.Malformed] = new(StatusCodes.Status400BadRequest),
        [ApiError.ProfileName] = new(StatusCodes.Status400BadRequest) { UpstreamStatus = StatusCodes.Status500InternalServerError },
        [ApiError.Forbidden] = new(StatusCodes.Status403Forbidden),
        [ApiError.NotFound] = new(StatusCodes.Status404NotFound),
        [ApiError.NeedsNewerVersion] = new(StatusCodes.Status406NotAcceptable),
        [ApiError.NotAcceptable] = new(StatusCodes.Status406NotAcceptable) { Form = FaultForm.Abort },
        [ApiError.BodyTooLarge] = new(StatusCodes.Status413PayloadTooLarge),
        [ApiError.MediaType] = new(StatusCodes.Status415UnsupportedMediaType),
        [ApiError.Unresolved] = new(StatusCodes.Status423Locked) { Form = FaultForm.Null },
    }.ToFrozenDictionary();

    /// <summary>What any exception becomes; one that is no intended error is <see cref="FaultCode.Internal"/>.</summary>
    public static HttpFault Of(Exception exception) => exception switch
    {
        ApiException found => OfSurface[found.Error],
        FaultException fault => OfDomain.GetValueOrDefault(fault.Code) ?? OfDomain[FaultCode.Internal],
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => OfSurface[ApiError.BodyTooLarge],
        BadHttpRequestException bad => new HttpFault(bad.StatusCode) { Text = "The request is not valid HTTP." },
        _ => OfDomain[FaultCode.Internal],
    };

    private static HttpFault Unavailable(string text, int retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable) { Text = text, RetryAfter = retryAfter };
}
