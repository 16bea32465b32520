using System.Net;
using System.Text.Json;
using Cyborg.Identity.Session;

namespace Cyborg.Placement;

/// <summary>How Placement took a claim.</summary>
public enum ClaimVerdict
{
    /// <summary>The consumer has it.</summary>
    Done,
    /// <summary>The provider has not so much left (409).</summary>
    NoRoom,
    /// <summary>Somebody changed the provider or the consumer meanwhile: read again (409, <c>placement.concurrent_update</c>).</summary>
    Conflict,
    /// <summary>Placement does not take it: it has no such provider, for example.</summary>
    Rejected,
}

/// <summary>An answer to a claim.</summary>
/// <param name="Verdict">What it means.</param>
/// <param name="Reason">Placement's words, in one line; empty if it was done.</param>
public sealed record ClaimAnswer(ClaimVerdict Verdict, string Reason);

/// <summary>What is claimed, and for whom.</summary>
/// <param name="Consumer">The consumer: the uuid of an accelerator request.</param>
/// <param name="Provider">The resource provider.</param>
/// <param name="ResourceClass">The class; one of it is claimed.</param>
/// <param name="Project">Project of the consumer; Placement counts its usage.</param>
/// <param name="User">User of the consumer.</param>
public sealed record ProviderClaim(Guid Consumer, Guid Provider, string ResourceClass, string Project, string User);

/// <summary>Claims of accelerators in Placement. All calls are made at microversion 1.38, the first that knows types of consumers. Safe for use by many
/// threads at once.</summary>
public sealed class AllocationClient
{
    /// <summary>Type of our consumers.</summary>
    public const string ConsumerType = "ACCELERATOR";

    private const string Microversion = "placement 1.38";
    private const string ConcurrentUpdate = "placement.concurrent_update";

    private static readonly Dictionary<string, string> VersionHeader = new() { ["OpenStack-API-Version"] = Microversion };

    private readonly Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> _send;

    /// <summary>A client that calls by a session of the service.</summary>
    public AllocationClient(KeystoneSession session) : this((request, stop) => session.SendAsync(PlacementClient.ServiceType, request, stop))
    {
    }

    internal AllocationClient(Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> send) => _send = send;

    /// <summary>Providers of which a consumer has something; empty if there is no such consumer.</summary>
    /// <exception cref="PlacementException">Placement cannot be used.</exception>
    public async Task<IReadOnlyList<Guid>> ProvidersOfAsync(Guid consumer, CancellationToken stop)
    {
        var (status, body) = await CallAsync(new ServiceRequest(HttpMethod.Get, $"/allocations/{consumer}"), stop).ConfigureAwait(false);
        return status == HttpStatusCode.OK
            ? [.. PlacementClient.Read(body, PlacementJson.Default.ConsumerBody).Allocations.Keys.Order()]
            : throw Failure(status, body);
    }

    /// <summary>Consumers that have something of a provider; empty if there is no such provider.</summary>
    /// <exception cref="PlacementException">Placement cannot be used.</exception>
    public async Task<IReadOnlyList<Guid>> ConsumersOfAsync(Guid provider, CancellationToken stop)
    {
        var (status, body) = await CallAsync(new ServiceRequest(HttpMethod.Get, $"/resource_providers/{provider}/allocations"), stop).ConfigureAwait(false);
        return status switch
        {
            HttpStatusCode.OK => [.. PlacementClient.Read(body, PlacementJson.Default.ConsumerBody).Allocations.Keys.Order()],
            HttpStatusCode.NotFound => [],
            _ => throw Failure(status, body),
        };
    }

    /// <summary>Claims one accelerator for a consumer that has nothing yet.</summary>
    /// <exception cref="PlacementException">Placement cannot be used; whether it has the claim is not known.</exception>
    public async Task<ClaimAnswer> ClaimAsync(ProviderClaim claim, CancellationToken stop)
    {
        var body = new NewClaimBody(
            new Dictionary<Guid, AllocationBody> { [claim.Provider] = new(new Dictionary<string, int> { [claim.ResourceClass] = 1 }) },
            claim.Project, claim.User, ConsumerType);
        var request = new ServiceRequest(HttpMethod.Put, $"/allocations/{claim.Consumer}")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(body, PlacementJson.Default.NewClaimBody),
            // The echo of a claim whose answer was lost is a 409: who claims has to read again.
            IsIdempotent = false,
        };
        var (status, answer) = await CallAsync(request, stop).ConfigureAwait(false);
        var error = PlacementClient.Errors(answer);
        return (int)status switch
        {
            >= 200 and < 300 => new ClaimAnswer(ClaimVerdict.Done, ""),
            409 => new ClaimAnswer(error?.Code == ConcurrentUpdate ? ClaimVerdict.Conflict : ClaimVerdict.NoRoom, PlacementClient.Reason(status, error)),
            401 or 403 or 406 or 407 or 408 or 429 => throw Failure(status, answer),
            >= 400 and < 500 => new ClaimAnswer(ClaimVerdict.Rejected, PlacementClient.Reason(status, error)),
            _ => throw Failure(status, answer),
        };
    }

    /// <summary>Gives back all that a consumer has; none is fine.</summary>
    /// <exception cref="PlacementException">Placement cannot be used; whether it has the claim still is not known.</exception>
    public async Task ReleaseAsync(Guid consumer, CancellationToken stop)
    {
        var (status, body) = await CallAsync(new ServiceRequest(HttpMethod.Delete, $"/allocations/{consumer}"), stop).ConfigureAwait(false);
        if (status != HttpStatusCode.NotFound && (int)status is < 200 or >= 300)
            throw Failure(status, body);
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> CallAsync(ServiceRequest request, CancellationToken stop)
    {
        try
        {
            using var answer = await PlacementMetrics.MeasureAsync(_send, request with { Headers = VersionHeader }, stop).ConfigureAwait(false);
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
        }
        catch (ServiceCallException fault)
        {
            var failure = fault.Failure == ServiceCallFailure.Unavailable ? PlacementFailure.Away : PlacementFailure.Refused;
            throw new PlacementException(failure, fault.Message, fault);
        }
    }

    private static PlacementException Failure(HttpStatusCode status, byte[] body) =>
        PlacementClient.Failure(status, PlacementClient.Errors(body), Microversion);
}
