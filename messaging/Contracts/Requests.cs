using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Makes the ARQs that a device profile asks for, owned by the caller's project.</summary>
/// <param name="ProfileName">The profile.</param>
public sealed record CreateArqs(string ProfileName);

/// <summary>ARQs.</summary>
/// <param name="Arqs">Oldest first.</param>
public sealed record ArqList(IReadOnlyList<AcceleratorRequest> Arqs);

/// <summary>Lists ARQs.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="InstanceUuid">Of this instance only; null means any.</param>
public sealed record ListArqs(ProjectScope Scope, Guid? InstanceUuid);

/// <summary>Shows one ARQ.</summary>
/// <param name="Scope">Whose; another's is not found.</param>
/// <param name="Uuid">The ARQ.</param>
public sealed record ShowArq(ProjectScope Scope, Guid Uuid);

/// <summary>Binds ARQs: all are started in one transaction or none.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="Bindings">What Nova says of each; the uuids differ.</param>
public sealed record BindArqs(ProjectScope Scope, IReadOnlyList<ArqBinding> Bindings);

/// <summary>Gives ARQs back: all or none.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="Uuids">The ARQs.</param>
public sealed record UnbindArqs(ProjectScope Scope, IReadOnlyList<Guid> Uuids);

/// <summary>Deletes ARQs by uuid: all or, if one is missing or may not be, none.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="Uuids">The ARQs.</param>
/// <param name="AlsoBound">True for a service: others may delete only what is not bound to an instance.</param>
public sealed record DeleteArqs(ProjectScope Scope, IReadOnlyList<Guid> Uuids, bool AlsoBound);

/// <summary>Deletes the ARQs of an instance; none is fine.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="InstanceUuid">The instance.</param>
public sealed record DeleteInstanceArqs(ProjectScope Scope, Guid InstanceUuid);
