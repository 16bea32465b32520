using Cyborg.Messaging;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>What the handlers of this room share.</summary>
/// <param name="Database">The state.</param>
/// <param name="Mutations">Runs a mutating call once.</param>
/// <param name="Agents">Calls agents.</param>
/// <param name="Log">The room's log.</param>
internal sealed record ConductorServices(CyborgDatabase Database, Mutations Mutations, BusClient Agents, ILogger Log);
