using Cyborg.Conductor.Accelerators;
using Cyborg.Conductor.Attachments;
using Cyborg.Conductor.Cache;
using Cyborg.Conductor.Hosts;
using Cyborg.Conductor.Jobs;
using Cyborg.Conductor.Nova;
using Cyborg.Conductor.Requests;
using Cyborg.Conductor.Telemetry;
using Cyborg.Conductor.Usage;
using Cyborg.Messaging;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>What the handlers of this room share.</summary>
/// <param name="Database">The state.</param>
/// <param name="Mutations">Runs a mutating call once.</param>
/// <param name="Agents">Calls agents.</param>
/// <param name="Nova">Whether and how Nova is told of binds.</param>
/// <param name="Jobs">Has hosts do their part; to be nudged after a transaction that left a job.</param>
/// <param name="Relay">Tells Nova; to be nudged after a transaction that owes it a message. Null without a Nova.</param>
/// <param name="Cache">What is mostly read.</param>
/// <param name="Accelerators">Has backends make accelerators.</param>
/// <param name="Heartbeats">Writes leases.</param>
/// <param name="Options">The conductor's options.</param>
/// <param name="Log">The room's log.</param>
internal sealed record ConductorServices(
    CyborgDatabase Database, Mutations Mutations, BusClient Agents, NovaOptions Nova, HandleJobs Jobs, EventRelay? Relay,
    ReadCache Cache, AcceleratorJobs Accelerators, Heartbeats Heartbeats, ConductorOptions Options, ILogger Log)
{
    /// <summary>Does plain calls of accelerator requests together.</summary>
    public required RequestGroups Groups { get; init; }

    /// <summary>Leads attachments to their end.</summary>
    public required AttachmentJobs Attachments { get; init; }

    /// <summary>What could be attached.</summary>
    public required AttachOffers Offers { get; init; }

    /// <summary>Claims of attachments in Placement.</summary>
    public required AttachmentClaims Claims { get; init; }

    /// <summary>What agents have broadcast of their devices' use.</summary>
    public required UsageBoard Usage { get; init; }

    /// <summary>Which trace each bind belongs to.</summary>
    public BindTraces Traces { get; init; } = new();
}
