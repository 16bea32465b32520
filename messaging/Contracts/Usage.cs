using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>How much a host's devices are used, as its agent broadcasts it: nobody answers, nobody stores it, and what is lost is made up for by the next
/// one. Each message stands for itself; a device that it does not name is one of which it says nothing.</summary>
/// <param name="BootId">The agent's start that measured.</param>
/// <param name="IntervalSeconds">Time until the next measurement, in seconds: whoever hears nothing for some of them knows nothing any more.</param>
/// <param name="Devices">The figures.</param>
public sealed record HostUsage(Guid BootId, double IntervalSeconds, IReadOnlyList<DeviceUsage> Devices)
{
    /// <summary>What stands before the host in a subject.</summary>
    public const string SubjectPrefix = "cyborg.usage.";

    /// <summary>What conductors listen on: all of them hear every host.</summary>
    public const string EveryHost = SubjectPrefix + "*";

    /// <summary>Most bytes of one message; a host with more devices than that takes sends several.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Most figures of a device.</summary>
    public const int MaxFigures = 32;

    /// <summary>Longest name of a figure, in characters.</summary>
    public const int MaxFigureName = 64;

    /// <summary>Longest interval, in seconds.</summary>
    public const double MaxInterval = 86400;

    /// <summary>Subject of a host.</summary>
    public static string Subject(string host) => SubjectPrefix + HostToken.Encode(host);

    /// <summary>The host that a message is about: it is in the subject, which an agent cannot choose.</summary>
    public static bool TryHost(string subject, [NotNullWhen(true)] out string? host)
    {
        ArgumentNullException.ThrowIfNull(subject);
        host = subject.StartsWith(SubjectPrefix, StringComparison.Ordinal) ? HostToken.TryDecode(subject.AsSpan(SubjectPrefix.Length)) : null;
        return host is not null;
    }

    /// <summary>The messages of a measurement, none larger than <paramref name="maxBytes"/>. A device that would not fit into one alone is left out.</summary>
    public IEnumerable<byte[]> Messages(int maxBytes)
    {
        var waiting = new Stack<IReadOnlyList<DeviceUsage>>([Devices]);
        while (waiting.TryPop(out var devices))
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(this with { Devices = devices }, WireJson.Default.HostUsage);
            if (bytes.Length <= maxBytes)
            {
                yield return bytes;
                continue;
            }
            if (devices.Count < 2)
                continue;
            var half = devices.Count / 2;
            waiting.Push([.. devices.Skip(half)]);
            waiting.Push([.. devices.Take(half)]);
        }
    }

    /// <summary>Reads a message; null if it is none, or breaks a bound.</summary>
    public static HostUsage? Read(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxBytes)
            return null;
        try
        {
            var read = JsonSerializer.Deserialize(payload.Span, WireJson.Default.HostUsage);
            return read is { IntervalSeconds: > 0 and <= MaxInterval, Devices: not null } && read.Devices.All(device => device is not null && device.Fault() is null) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How much one device is used.</summary>
/// <param name="ControlPath">The device's identity on the host.</param>
/// <param name="Figures">Figures by name; only what was measured.</param>
public sealed record DeviceUsage(DriverControlPath ControlPath, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>What is wrong with it, in one sentence; null if nothing.</summary>
    public string? Fault()
    {
        if (ControlPath?.CpidType is null || ControlPath.CpidInfo is null)
            return "it names no device.";
        if (Figures is null || Figures.Count is 0 or > HostUsage.MaxFigures)
            return $"a device has 1 to {HostUsage.MaxFigures} figures.";
        if (Figures.Keys.FirstOrDefault(name => name.Length is 0 or > HostUsage.MaxFigureName) is not null)
            return $"the name of a figure has 1 to {HostUsage.MaxFigureName} characters.";
        return Figures.Values.All(double.IsFinite) ? null : "a figure is no number.";
    }
}

/// <summary>How much an accelerator is used, as far as the conductor that was asked has heard.</summary>
/// <param name="Uuid">The accelerator.</param>
/// <param name="Figures">Figures by name; null if they are not known, which is not 0.</param>
/// <param name="MeasuredAt">When the conductor heard them, UTC; null if they are not known.</param>
/// <param name="UnknownSince">Since when they are not known, UTC: when the last figures came, or when the conductor began to listen. Null if they
/// are known.</param>
public sealed record AcceleratorUsage(Guid Uuid, IReadOnlyDictionary<string, double>? Figures, DateTimeOffset? MeasuredAt, DateTimeOffset? UnknownSince);
