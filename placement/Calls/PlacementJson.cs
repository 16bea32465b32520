using System.Text.Json.Serialization;

namespace Cyborg.Placement;

internal sealed record ProviderBody(Guid Uuid, string Name, int Generation, Guid? ParentProviderUuid, Guid? RootProviderUuid)
{
    public ProviderFacts ToFacts() => new(Uuid, Name, Generation, ParentProviderUuid, RootProviderUuid ?? Uuid);
}

internal sealed record ProviderListBody(IReadOnlyList<ProviderBody> ResourceProviders);

internal sealed record NewProviderBody(Guid Uuid, string Name, Guid ParentProviderUuid);

internal sealed record PlacedProviderBody(string Name, Guid ParentProviderUuid);

internal sealed record InventoriesBody(int ResourceProviderGeneration, IReadOnlyDictionary<string, InventoryRecord> Inventories);

internal sealed record TraitsBody(int ResourceProviderGeneration, IReadOnlyList<string> Traits);

internal sealed record TraitListBody(IReadOnlyList<string> Traits);

internal sealed record AllocationBody(IReadOnlyDictionary<string, int> Resources);

internal sealed record ConsumerBody(IReadOnlyDictionary<Guid, AllocationBody> Allocations);

internal sealed record NewClaimBody(
    IReadOnlyDictionary<Guid, AllocationBody> Allocations, string ProjectId, string UserId, string ConsumerType)
{
    // Placement wants the word: null stands for a consumer that is not there yet.
    public int? ConsumerGeneration { get; init; }
}

internal sealed record ErrorsBody(IReadOnlyList<ErrorBody?>? Errors);

internal sealed record ErrorBody(string? Code, string? Detail, string? Title);

/// <summary>How bodies of Placement are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProviderBody))]
[JsonSerializable(typeof(ProviderListBody))]
[JsonSerializable(typeof(NewProviderBody))]
[JsonSerializable(typeof(PlacedProviderBody))]
[JsonSerializable(typeof(InventoriesBody))]
[JsonSerializable(typeof(TraitsBody))]
[JsonSerializable(typeof(TraitListBody))]
[JsonSerializable(typeof(ConsumerBody))]
[JsonSerializable(typeof(NewClaimBody))]
[JsonSerializable(typeof(ErrorsBody))]
internal sealed partial class PlacementJson : JsonSerializerContext;
