using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cyborg.Identity.Session;
using Cyborg.Model;

namespace Cyborg.Placement;

/// <summary>Placement's calls, each answer judged. Safe for use by many threads at once.</summary>
/// <remarks>All calls are made at microversion 1.37, the first that re-parents a provider within a tree; later ones change nothing here.</remarks>
public sealed class PlacementClient
{
    /// <summary>Placement's type in Keystone's catalog.</summary>
    public const string ServiceType = "placement";

    private const string Microversion = "placement 1.37";
    private const int MaxQuery = 4000;
    private const int MaxReason = 300;

    private static readonly Dictionary<string, string> VersionHeader = new() { ["OpenStack-API-Version"] = Microversion };

    private readonly Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> _send;

    /// <summary>A client that calls by a session of the service.</summary>
    public PlacementClient(KeystoneSession session) : this((request, stop) => session.SendAsync(ServiceType, request, stop))
    {
    }

    internal PlacementClient(Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> send) => _send = send;

    /// <summary>The provider of a name; null if there is none.</summary>
    internal async Task<ProviderFacts?> FindByNameAsync(string name, CancellationToken stop)
    {
        var found = await ListAsync($"?name={Uri.EscapeDataString(name)}", stop).ConfigureAwait(false);
        return found.FirstOrDefault(provider => provider.Name == name);
    }

    /// <summary>All providers of the tree in which <paramref name="member"/> is; empty if it is in none.</summary>
    internal Task<IReadOnlyList<ProviderFacts>> ListTreeAsync(Guid member, CancellationToken stop) => ListAsync($"?in_tree={member}", stop);

    /// <summary>A provider; null if there is none.</summary>
    internal async Task<ProviderFacts?> FindAsync(Guid provider, CancellationToken stop) =>
        (await GetAsync($"/resource_providers/{provider}", PlacementJson.Default.ProviderBody, stop).ConfigureAwait(false))?.ToFacts();

    /// <summary>A provider's inventories and generation; null if it is not there.</summary>
    internal async Task<(int Generation, ImmutableDictionary<string, InventoryRecord> Inventories)?> InventoriesAsync(Guid provider, CancellationToken stop)
    {
        var body = await GetAsync($"/resource_providers/{provider}/inventories", PlacementJson.Default.InventoriesBody, stop).ConfigureAwait(false);
        return body is null ? null : (body.ResourceProviderGeneration, body.Inventories.ToImmutableDictionary());
    }

    /// <summary>A provider's traits and generation; null if it is not there.</summary>
    internal async Task<(int Generation, ImmutableSortedSet<string> Traits)?> TraitsAsync(Guid provider, CancellationToken stop)
    {
        var body = await GetAsync($"/resource_providers/{provider}/traits", PlacementJson.Default.TraitsBody, stop).ConfigureAwait(false);
        return body is null ? null : (body.ResourceProviderGeneration, body.Traits.ToImmutableSortedSet(StringComparer.Ordinal));
    }

    /// <summary>Those of the traits that Placement knows.</summary>
    internal async Task<IReadOnlyList<string>> KnownTraitsAsync(IEnumerable<string> names, CancellationToken stop)
    {
        var known = new List<string>();
        foreach (var batch in Batches(names))
        {
            var body = await GetAsync($"/traits?name=in:{string.Join(',', batch)}", PlacementJson.Default.TraitListBody, stop).ConfigureAwait(false);
            known.AddRange(body?.Traits ?? []);
        }
        return known;
    }

    /// <summary>Makes a custom trait, if it is not there.</summary>
    internal Task<PlacementAnswer> EnsureTraitAsync(string name, CancellationToken stop) =>
        ChangeAsync(new ServiceRequest(HttpMethod.Put, $"/traits/{name}"), _ => 0, stop);

    /// <summary>Makes a custom resource class, if it is not there.</summary>
    internal Task<PlacementAnswer> EnsureClassAsync(string name, CancellationToken stop) =>
        ChangeAsync(new ServiceRequest(HttpMethod.Put, $"/resource_classes/{name}"), _ => 0, stop);

    /// <summary>Makes a provider.</summary>
    internal Task<PlacementAnswer> CreateAsync(Guid provider, string name, Guid parent, CancellationToken stop) =>
        ChangeAsync(
            new ServiceRequest(HttpMethod.Post, "/resource_providers") { Body = Write(new NewProviderBody(provider, name, parent), PlacementJson.Default.NewProviderBody) },
            body => Read(body, PlacementJson.Default.ProviderBody).Generation, stop);

    /// <summary>Gives a provider its name and parent; moves it from another tree, too.</summary>
    internal Task<PlacementAnswer> PlaceAsync(Guid provider, string name, Guid parent, CancellationToken stop) =>
        ChangeAsync(
            Put($"/resource_providers/{provider}", new PlacedProviderBody(name, parent), PlacementJson.Default.PlacedProviderBody),
            body => Read(body, PlacementJson.Default.ProviderBody).Generation, stop);

    /// <summary>Replaces all inventories of a provider, on condition of its generation. The generation rises even if nothing changes.</summary>
    internal Task<PlacementAnswer> SetInventoriesAsync(
        Guid provider, int generation, IReadOnlyDictionary<string, InventoryRecord> inventories, CancellationToken stop) =>
        ChangeAsync(
            Put($"/resource_providers/{provider}/inventories", new InventoriesBody(generation, inventories), PlacementJson.Default.InventoriesBody),
            body => Read(body, PlacementJson.Default.InventoriesBody).ResourceProviderGeneration, stop);

    /// <summary>Replaces all traits of a provider, on condition of its generation.</summary>
    internal Task<PlacementAnswer> SetTraitsAsync(Guid provider, int generation, IEnumerable<string> traits, CancellationToken stop) =>
        ChangeAsync(
            Put($"/resource_providers/{provider}/traits", new TraitsBody(generation, [.. traits]), PlacementJson.Default.TraitsBody),
            body => Read(body, PlacementJson.Default.TraitsBody).ResourceProviderGeneration, stop);

    /// <summary>Deletes a provider.</summary>
    internal Task<PlacementAnswer> DeleteAsync(Guid provider, CancellationToken stop) =>
        ChangeAsync(new ServiceRequest(HttpMethod.Delete, $"/resource_providers/{provider}"), _ => 0, stop);

    private async Task<IReadOnlyList<ProviderFacts>> ListAsync(string query, CancellationToken stop)
    {
        var body = await GetAsync("/resource_providers" + query, PlacementJson.Default.ProviderListBody, stop).ConfigureAwait(false);
        return [.. (body?.ResourceProviders ?? []).Select(provider => provider.ToFacts())];
    }

    private async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken stop) where T : class
    {
        using var answer = await SendAsync(new ServiceRequest(HttpMethod.Get, path), stop).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        return answer.StatusCode == HttpStatusCode.OK ? Read(body, json) : throw Failure(answer.StatusCode, Errors(body), Microversion);
    }

    private async Task<PlacementAnswer> ChangeAsync(ServiceRequest request, Func<byte[], int> generation, CancellationToken stop)
    {
        using var answer = await SendAsync(request, stop).ConfigureAwait(false);
        var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
            return new PlacementAnswer(PlacementVerdict.Done, generation(body), "");
        var error = Errors(body);
        var verdict = PlacementAnswer.Judge(answer.StatusCode, error?.Code) ?? throw Failure(answer.StatusCode, error, Microversion);
        return new PlacementAnswer(verdict, 0, Reason(answer.StatusCode, error));
    }

    private async Task<HttpResponseMessage> SendAsync(ServiceRequest request, CancellationToken stop)
    {
        try
        {
            return await PlacementMetrics.MeasureAsync(_send, request with { Headers = VersionHeader }, stop).ConfigureAwait(false);
        }
        catch (ServiceCallException fault)
        {
            var failure = fault.Failure == ServiceCallFailure.Unavailable ? PlacementFailure.Away : PlacementFailure.Refused;
            throw new PlacementException(failure, fault.Message, fault);
        }
    }

    /// <summary>What an answer means that says nothing about the request.</summary>
    internal static PlacementException Failure(HttpStatusCode status, ErrorBody? error, string microversion) => (int)status switch
    {
        401 or 403 => new PlacementException(PlacementFailure.Refused, $"Placement refuses this service: {Reason(status, error)}"),
        406 => new PlacementException(PlacementFailure.Refused, $"Placement is too old: it does not speak {microversion}."),
        _ => new PlacementException(PlacementFailure.Away, $"Placement does not serve: {Reason(status, error)}"),
    };

    /// <summary>Placement's words, in one line.</summary>
    internal static string Reason(HttpStatusCode status, ErrorBody? error)
    {
        var words = error?.Detail ?? error?.Title ?? "";
        words = string.Join(' ', words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        words = new string([.. words.Take(MaxReason).Where(c => !char.IsControl(c))]);
        return words.Length == 0 ? $"it answers {(int)status}." : $"it answers {(int)status}: {words}";
    }

    /// <summary>The error that an answer tells; null if it tells none.</summary>
    internal static ErrorBody? Errors(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, PlacementJson.Default.ErrorsBody)?.Errors is [var error, ..] ? error : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>An answer's body.</summary>
    internal static T Read<T>(byte[] body, JsonTypeInfo<T> json) where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize(body, json) is { } value)
                return value;
        }
        catch (JsonException)
        {
            // Below.
        }
        throw new PlacementException(PlacementFailure.Away, "Placement's answer makes no sense.");
    }

    private static ServiceRequest Put<T>(string path, T body, JsonTypeInfo<T> json) => new(HttpMethod.Put, path) { Body = Write(body, json) };

    private static byte[] Write<T>(T body, JsonTypeInfo<T> json) => JsonSerializer.SerializeToUtf8Bytes(body, json);

    /// <summary>Names in groups whose queries stay short. They are names of Placement: nothing in them needs escapes.</summary>
    private static IEnumerable<IReadOnlyList<string>> Batches(IEnumerable<string> names)
    {
        var (batch, length) = (new List<string>(), 0);
        foreach (var name in names.Where(PlacementNames.IsTrait))
        {
            if (batch.Count > 0 && length + name.Length > MaxQuery)
            {
                yield return batch;
                (batch, length) = ([], 0);
            }
            batch.Add(name);
            length += name.Length + 1;
        }
        if (batch.Count > 0)
            yield return batch;
    }
}
