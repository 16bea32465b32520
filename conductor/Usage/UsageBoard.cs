using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Usage;

/// <summary>The last figures that agents have broadcast of their devices, in memory alone and bounded: what this conductor has not heard, or not for
/// <see cref="Patience"/> intervals, it does not know, and says since when. It never takes silence for 0.</summary>
/// <param name="time">The clock of ages; its wall time is only shown.</param>
/// <param name="mostDevices">Devices of all hosts together.</param>
internal sealed class UsageBoard(TimeProvider time, int mostDevices = UsageBoard.MostDevices)
{
    /// <summary>Intervals of its agent after which a figure counts no more.</summary>
    public const int Patience = 3;

    /// <summary>Devices that a conductor remembers, of all hosts; some 40 MB at the most.</summary>
    public const int MostDevices = 65_536;

    /// <summary>Devices of one host that it remembers, so that no host takes the place of all others.</summary>
    public const int MostOfHost = 1024;

    private readonly Lock _turn = new();
    private readonly Dictionary<string, Dictionary<DriverControlPath, Heard>> _hosts = new(StringComparer.Ordinal);
    private DateTimeOffset _since = time.GetUtcNow();
    private int _count;

    /// <summary>Devices that it remembers, those included of which nothing has been heard for a while.</summary>
    public int Count
    {
        get
        {
            lock (_turn)
                return _count;
        }
    }

    /// <summary>The conductor listens from now on: nothing that was told before is known.</summary>
    public void Begin()
    {
        lock (_turn)
        {
            _hosts.Clear();
            (_count, _since) = (0, time.GetUtcNow());
        }
    }

    /// <summary>Takes in what a host's agent has told; answers how many devices there was no room for.</summary>
    public int Hear(string host, HostUsage usage)
    {
        lock (_turn)
        {
            if (!_hosts.TryGetValue(host, out var devices))
                _hosts.Add(host, devices = []);
            var (now, at) = (time.GetTimestamp(), time.GetUtcNow());
            var lasts = TimeSpan.FromSeconds(usage.IntervalSeconds) * Patience;
            var refused = 0;
            foreach (var device in usage.Devices)
            {
                if (devices.ContainsKey(device.ControlPath) || MakeRoom(devices))
                    Put(devices, device.ControlPath, new Heard(device.Figures, now, at, lasts));
                else
                    refused++;
            }
            if (devices.Count == 0)
                _hosts.Remove(host);
            return refused;
        }
    }

    /// <summary>What is known of an accelerator.</summary>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="host">Its host; null if it has none.</param>
    /// <param name="path">Its device on the host; null if it has none.</param>
    /// <param name="bornAt">Since when there is such an accelerator.</param>
    public AcceleratorUsage Show(Guid accelerator, string? host, DriverControlPath? path, DateTimeOffset bornAt)
    {
        lock (_turn)
        {
            if (host is null || path is null || !_hosts.TryGetValue(host, out var devices) || !devices.TryGetValue(path, out var heard))
                return new AcceleratorUsage(accelerator, null, null, bornAt > _since ? bornAt : _since);
            return IsOld(heard)
                ? new AcceleratorUsage(accelerator, null, null, heard.At)
                : new AcceleratorUsage(accelerator, heard.Figures, heard.At, null);
        }
    }

    private void Put(Dictionary<DriverControlPath, Heard> devices, DriverControlPath path, Heard heard)
    {
        if (!devices.ContainsKey(path))
            _count++;
        devices[path] = heard;
    }

    /// <summary>True if there is room for one device more: what has not been heard of for long is forgotten for it.</summary>
    private bool MakeRoom(Dictionary<DriverControlPath, Heard> devices)
    {
        if (devices.Count >= MostOfHost)
            Forget(devices);
        if (_count >= mostDevices)
        {
            foreach (var others in _hosts.Values)
                Forget(others);
            foreach (var empty in _hosts.Where(host => host.Value.Count == 0 && host.Value != devices).Select(host => host.Key).ToList())
                _hosts.Remove(empty);
        }
        return devices.Count < MostOfHost && _count < mostDevices;
    }

    private void Forget(Dictionary<DriverControlPath, Heard> devices)
    {
        foreach (var (path, heard) in devices.Where(pair => IsOld(pair.Value)).ToList())
        {
            devices.Remove(path);
            _count--;
            // Nobody is told of an earlier time than is true.
            if (heard.At > _since)
                _since = heard.At;
        }
    }

    private bool IsOld(Heard heard) => time.GetElapsedTime(heard.Stamp) > heard.Lasts;

    private sealed record Heard(IReadOnlyDictionary<string, double> Figures, long Stamp, DateTimeOffset At, TimeSpan Lasts);
}
