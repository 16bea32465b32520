using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Agent.Telemetry;
using Cyborg.Hosting.Systemd;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Leases;

/// <summary>Holds the host's name: tells the conductors every few seconds that the agent lives and what its inventory's checksum is, and does what
/// the answer wants. It goes on whatever happens, until it is stopped.</summary>
internal sealed class HeartbeatLoop(AgentSetting setting, HostParts parts, ReportLoop reports, InstallDevices installs, CommandGate gate)
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(60);

    /// <summary>Shows whether it goes on: a beat ends within <see cref="LongestCall"/>, and opening the gate or calling for a report is short.</summary>
    public LoopSign Sign { get; } = new("heartbeats", setting.Options.HeartbeatInterval + 3 * LongestCall, setting.Time);

    private string? _failure;
    private bool _refused;

    /// <summary>Runs until <paramref name="stop"/>; does not throw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                Sign.Round();
                var answered = await BeatAsync(stop).ConfigureAwait(false);
                AgentMetrics.Lease.Record(parts.Lease.Confirmed ? 1 : 0);
                var wait = HeartbeatPace.Wait(answered || _refused, setting.Options.HeartbeatInterval, Random.Shared.NextDouble());
                await Task.Delay(wait, setting.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> BeatAsync(CancellationToken stop)
    {
        var interval = setting.Options.HeartbeatInterval;
        var context = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = interval < LongestCall ? interval : LongestCall };
        try
        {
            var (sent, before) = (setting.Time.GetTimestamp(), parts.Epochs.Reports);
            var beat = new Heartbeat(setting.Journal.Identity, parts.Inventory.Checksum, parts.Epochs.Synced);
            var reply = await setting.Bus.CallAsync(Verbs.Heartbeat, beat, context, setting.Options.Host, stop).ConfigureAwait(false);
            await AnsweredAsync(reply, sent, before, stop).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.Conflict)
        {
            await RefusedAsync(fault, stop).ConfigureAwait(false);
        }
        catch (FaultException fault)
        {
            _refused = false;
            if (Changed($"{fault.Code}: {fault.Message}"))
                Log.HeartbeatLost(setting.Logger, fault.Code, fault.Message, context.RequestId);
        }
        catch (Exception e)
        {
            _refused = false;
            if (Changed($"{e.GetType().Name}: {e.Message}"))
                Log.HeartbeatBroke(setting.Logger, e);
        }
        return false;
    }

    private async Task AnsweredAsync(HeartbeatReply reply, long sent, long reportsBefore, CancellationToken stop)
    {
        if (_failure is not null)
            Log.HeartbeatRecovered(setting.Logger, setting.Options.Host);
        (_failure, _refused) = (null, false);
        parts.Lease.Confirm(sent);
        await gate.OpenAsync(stop).ConfigureAwait(false);
        // What a report has brought about since then the next heartbeat will tell.
        if (parts.Epochs.Reports == reportsBefore)
        {
            parts.Epochs.Tell(reply.Epoch);
            if (reply.ReportWanted || parts.Epochs.Behind)
                reports.Want();
        }
        parts.Providers.Tell(reply.Providers);
        installs.Start(reply.Install);
    }

    /// <summary>Another agent holds the host's name: this one lets no commands in, and asks again each interval, for the other's lease may run out.</summary>
    private async Task RefusedAsync(FaultException fault, CancellationToken stop)
    {
        _refused = true;
        parts.Lease.Lose();
        if (Changed($"{fault.Code}"))
            Log.NameHeldByAnother(setting.Logger, setting.Options.Host, fault.Message);
        await gate.CloseAsync(stop).ConfigureAwait(false);
    }

    private bool Changed(string failure)
    {
        var changed = failure != _failure;
        _failure = failure;
        return changed;
    }
}

/// <summary>How long to wait between heartbeats; pure.</summary>
internal static class HeartbeatPace
{
    /// <summary>Nine tenths of the interval to all of it, so that agents that start together do not stay together; about a quarter after one that
    /// nobody answered, so that a conductor that comes back knows soon who lives.</summary>
    /// <param name="answered">A conductor answered, if only to refuse.</param>
    /// <param name="interval">The longest wait.</param>
    /// <param name="dice">0 up to 1.</param>
    public static TimeSpan Wait(bool answered, TimeSpan interval, double dice) => interval * (answered ? 0.9 + 0.1 * dice : 0.25 + 0.05 * dice);
}
