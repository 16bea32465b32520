using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>What the parts of an agent share.</summary>
/// <param name="Options">The agent's options.</param>
/// <param name="BootId">Made anew at each start.</param>
/// <param name="Bus">Way to the conductors.</param>
/// <param name="Time">Clock of the waits.</param>
/// <param name="Logger">Where it tells what it does.</param>
internal sealed record AgentSetting(AgentOptions Options, Guid BootId, BusClient Bus, TimeProvider Time, ILogger Logger);
