namespace Cyborg.Model;

/// <summary>An accelerator request (ARQ): one accelerator that an instance wants, holds or has given back.</summary>
public sealed record AcceleratorRequest
{
    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Where it is in its life, see <see cref="ArqStates"/>.</summary>
    public required ArqState State { get; init; }
    /// <summary>Device profile it was made from; null for an attachment of API v1, which needs none.</summary>
    public string? DeviceProfileName { get; init; }
    /// <summary>Index of the profile's group, from 0; Nova maps providers with it.</summary>
    public required int DeviceProfileGroupId { get; init; }
    /// <summary>Host that Nova named when binding.</summary>
    public string? Hostname { get; init; }
    /// <summary>Resource provider that Nova named when binding.</summary>
    public Guid? DeviceRpUuid { get; init; }
    /// <summary>Instance it is bound to.</summary>
    public Guid? InstanceUuid { get; init; }
    /// <summary>Owner.</summary>
    public string? ProjectId { get; init; }
    /// <summary>The handle it holds, once bound.</summary>
    public Guid? AttachHandleUuid { get; init; }
    /// <summary>Kind of the handle.</summary>
    public AttachHandleType? AttachHandleType { get; init; }
    /// <summary>JSON text of the handle's address.</summary>
    public string? AttachHandleInfo { get; init; }
    /// <summary>When the row was written, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the row last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>What Nova says when it binds one ARQ.</summary>
/// <param name="ArqUuid">The ARQ.</param>
/// <param name="Hostname">Nova's name of the host.</param>
/// <param name="DeviceRpUuid">The resource provider that Placement allocated.</param>
/// <param name="InstanceUuid">The instance.</param>
/// <param name="ProjectId">The new owner; null keeps the caller's project.</param>
public sealed record ArqBinding(Guid ArqUuid, string Hostname, Guid DeviceRpUuid, Guid InstanceUuid, string? ProjectId);
