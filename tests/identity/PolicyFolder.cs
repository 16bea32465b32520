using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>A folder of policy files and a clock, both of one test. Each write gets a later date than the one before.</summary>
internal sealed class PolicyFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cyborg-policy-").FullName;
    private DateTime _lastWrite = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public Clock Time { get; } = new();

    public List<string> Told { get; } = [];

    public PolicySource Source => new() { SearchFolders = [_root] };

    public static PolicyRule[] Rules { get; } =
        [.. PolicyAsk.Pairs("a", "role:member", "b", "!", "c", "rule:mine", "default", "!")];

    public string Path(string name) => System.IO.Path.Combine(_root, name);

    public void Write(string name, string text)
    {
        var path = Path(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        _lastWrite = _lastWrite.AddSeconds(1);
        File.SetLastWriteTimeUtc(path, _lastWrite);
    }

    public void Delete(string name) => File.Delete(Path(name));

    public PolicyEnforcer Load() => Load(Source);

    public PolicyEnforcer Load(PolicySource source) => PolicyEnforcer.Load(Rules, source, Told.Add, Time);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
