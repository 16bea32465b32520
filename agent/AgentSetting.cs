using Cyborg.Agent.Journal;
using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>What the parts of an agent share.</summary>
/// <param name="Options">The agent's options.</param>
/// <param name="Journal">What it must not forget, and who it is.</param>
/// <param name="Bus">Way to the conductors.</param>
/// <param name="Time">Clock of the waits.</param>
/// <param name="Logger">Where it tells what it does.</param>
internal sealed record AgentSetting(AgentOptions Options, AgentJournal Journal, BusClient Bus, TimeProvider Time, ILogger Logger);
