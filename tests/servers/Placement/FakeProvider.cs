using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Cyborg.TestServers;

/// <summary>One resource provider of a <see cref="FakePlacement"/>, as it is at one moment. Immutable.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parent">Its parent; null for the root of a tree.</param>
/// <param name="Generation">Rises with each change of inventories, traits and allocations.</param>
public sealed record FakeProvider(Guid Uuid, string Name, Guid? Parent, int Generation)
{
    /// <summary>By resource class.</summary>
    public ImmutableSortedDictionary<string, FakeInventory> Inventories { get; init; } = ImmutableSortedDictionary<string, FakeInventory>.Empty;

    /// <summary>Its traits.</summary>
    public ImmutableSortedSet<string> Traits { get; init; } = [];

    /// <summary>What each consumer has of each class.</summary>
    public ImmutableDictionary<(Guid Consumer, string Class), int> Allocations { get; init; } = ImmutableDictionary<(Guid, string), int>.Empty;

    /// <summary>How much of a class could still be allocated.</summary>
    public int Free(string resourceClass) =>
        Inventories.TryGetValue(resourceClass, out var inventory)
            ? inventory.Total - inventory.Reserved - Allocations.Where(pair => pair.Key.Class == resourceClass).Sum(pair => pair.Value)
            : 0;

    /// <summary>For messages of failed tests.</summary>
    public override string ToString() =>
        $"{Name} g{Generation} [{string.Join(", ", Inventories.Select(pair => $"{pair.Key} {pair.Value.Reserved}/{pair.Value.Total}"))}] "
        + $"[{string.Join(", ", Traits)}]{(Allocations.IsEmpty ? "" : $" {Allocations.Count} allocations")}";
}

/// <summary>How much of one class a provider has.</summary>
/// <param name="Total">How many.</param>
/// <param name="Reserved">Not to be handed out.</param>
/// <param name="MaxUnit">Most in one allocation.</param>
public sealed record FakeInventory(int Total, int Reserved, int MaxUnit)
{
    /// <summary>Fewest in one allocation.</summary>
    public int MinUnit { get; init; } = 1;

    /// <summary>Allocations are multiples of it.</summary>
    public int StepSize { get; init; } = 1;

    /// <summary>More than 1 sells more than there is.</summary>
    public double AllocationRatio { get; init; } = 1.0;

    internal JsonObject ToJson() => new()
    {
        ["total"] = Total,
        ["reserved"] = Reserved,
        ["min_unit"] = MinUnit,
        ["max_unit"] = MaxUnit,
        ["step_size"] = StepSize,
        ["allocation_ratio"] = AllocationRatio,
    };

    /// <summary>What is absent has Placement's default.</summary>
    internal static FakeInventory Read(JsonNode json) =>
        new((int)json["total"]!, (int?)json["reserved"] ?? 0, (int?)json["max_unit"] ?? int.MaxValue)
        {
            MinUnit = (int?)json["min_unit"] ?? 1,
            StepSize = (int?)json["step_size"] ?? 1,
            AllocationRatio = (double?)json["allocation_ratio"] ?? 1.0,
        };
}
