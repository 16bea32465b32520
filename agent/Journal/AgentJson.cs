using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cyborg.Agent.Packages;
using Cyborg.Agent.Providers;
using Cyborg.Model;

namespace Cyborg.Agent.Journal;

/// <summary>The content of <c>journal.json</c>.</summary>
/// <param name="Version">Of this form.</param>
/// <param name="AgentId">The agent's id.</param>
/// <param name="BootNumber">Number of the start that wrote it.</param>
/// <param name="SyncedEpoch">Epoch of the last full report.</param>
/// <param name="Handles">One entry for each handle.</param>
internal sealed record JournalFile(int Version, Guid AgentId, long BootNumber, long SyncedEpoch, IReadOnlyList<HandleEntry> Handles)
{
    public const int CurrentVersion = 1;

    /// <summary>One entry for each deployable that was programmed; absent if none was.</summary>
    public IReadOnlyList<ProgramEntry>? Programs { get; init; }

    public static JournalFile From(JournalState state) =>
        new(CurrentVersion, state.AgentId, state.BootNumber, state.SyncedEpoch, [.. state.Handles.Values.OrderBy(entry => entry.Handle)])
        {
            Programs = state.Programs.IsEmpty ? null : [.. state.Programs.Values.OrderBy(entry => entry.Deployable)],
        };

    /// <summary>The state, every entry known since <paramref name="now"/>.</summary>
    public JournalState ToState(long now) =>
        new(AgentId, BootNumber, SyncedEpoch, Handles.ToImmutableDictionary(entry => entry.Handle, entry => entry with { Since = now }))
        {
            Programs = (Programs ?? []).ToImmutableDictionary(entry => entry.Deployable, entry => entry with { Since = now }),
        };

    public bool IsSound() =>
        Version == CurrentVersion && AgentId != Guid.Empty && BootNumber > 0
        && Handles.All(entry => entry is not null) && Handles.DistinctBy(entry => entry.Handle).Count() == Handles.Count
        && (Programs ?? []).All(entry => entry?.Wish is not null)
        && (Programs ?? []).DistinctBy(entry => entry.Deployable).Count() == (Programs?.Count ?? 0);
}

/// <summary>The content of <c>agent-id</c>: what a lost journal must not take with it. Without the id the agent would be another one, and would have to wait
/// for its own lease to run out; without the number its conductor would take it for an older start.</summary>
/// <param name="AgentId">The agent's id.</param>
/// <param name="BootNumber">Number of its last start.</param>
internal sealed record AgentIdFile(Guid AgentId, long BootNumber)
{
    public bool IsSound() => AgentId != Guid.Empty && BootNumber > 0;
}

/// <summary>What one driver was last able to tell.</summary>
/// <param name="Driver">Its entry name.</param>
/// <param name="Devices">Its devices.</param>
/// <param name="Reported">True if a conductor has accepted them.</param>
internal sealed record KnownDevices(string Driver, IReadOnlyList<DriverDevice> Devices, bool Reported);

/// <summary>The content of <c>inventory.json</c>.</summary>
/// <param name="Checksum">Of the last look at the host, as it goes into a report; null before the first.</param>
/// <param name="Drivers">What each driver was last able to tell.</param>
internal sealed record InventoryFile(string? Checksum, IReadOnlyList<KnownDevices> Drivers)
{
    public static InventoryFile Empty { get; } = new(null, []);

    public bool IsSound() => Drivers.All(known => known is not null);
}

/// <summary>How the agent's files are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalFile))]
[JsonSerializable(typeof(AgentIdFile))]
[JsonSerializable(typeof(InventoryFile))]
[JsonSerializable(typeof(ProvidersFile))]
[JsonSerializable(typeof(PackagesFile))]
internal sealed partial class AgentJson : JsonSerializerContext;
