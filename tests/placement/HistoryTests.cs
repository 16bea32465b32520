using System.Collections.Immutable;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

/// <summary>Random histories of a host: devices come, change, vanish and return, others write on the same providers, Placement fails in the middle, the
/// service is killed, the lease is lost. When all is quiet Placement shows what is wanted, and what others wrote is still there.</summary>
public sealed class HistoryTests
{
    private const int Histories = 250;
    private const int Events = 40;

    [Fact]
    public async Task After_any_history_placement_shows_what_is_wanted()
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed < first + Histories; seed++)
        {
            var history = new History(seed);
            try
            {
                await history.RunAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}:\n{history.Story}\n{e.Message}", e);
            }
        }
    }

    private sealed class History
    {
        private static readonly string[] Classes = ["FPGA", "PGPU", "CUSTOM_QAT"];

        private readonly Random _random;
        private readonly Bench _bench = new();
        private readonly List<string> _story = [];
        private readonly Dictionary<Guid, HashSet<string>> _marks = [];
        private readonly Dictionary<Guid, FakeProvider> _foreign = [];
        private readonly List<Guid> _consumers = [];
        private int _names;

        public History(int seed) => _random = new Random(seed);

        public string Story => string.Join('\n', _story);

        public async Task RunAsync()
        {
            for (var i = 0; i < Events; i++)
            {
                Happen(_random.Next(18));
                if (_random.Next(3) > 0)
                    await TrySyncAsync();
            }
            await QuietAsync();
        }

        private void Happen(int what)
        {
            _story.Add($"event {what}");
            switch (what)
            {
                case 0 or 1:
                    if (_bench.Wanted.Count < 6)
                        _bench.Want(Random(Bench.Deployable($"d{_names++}")));
                    break;
                case 2 or 3:
                    Change(Random);
                    break;
                case 4:
                    Change(one => one with { Missing = true });
                    break;
                case 5:
                    Change(one => one with { Missing = false });
                    break;
                case 6:
                    Change(one => one with { State = (DeviceState)_random.Next(4) });
                    break;
                case 7:
                    _bench.MayGrow = !_bench.MayGrow;
                    break;
                case 8:
                    _bench.Fenced = !_bench.Fenced;
                    break;
                case 9:
                    _bench.Restart();
                    break;
                default:
                    Meddle(what);
                    break;
            }
        }

        private void Meddle(int what)
        {
            var ours = _bench.Placement.Providers.Values.Where(provider => provider.Parent is not null && !_foreign.ContainsKey(provider.Uuid)).ToList();
            if (ours.Count == 0)
                return;
            var one = ours[_random.Next(ours.Count)];
            switch (what)
            {
                case 10:
                    var consumer = Guid.NewGuid();
                    if (Classes.Any(name => _bench.Placement.Allocate(consumer, one.Uuid, name, 1)))
                        _consumers.Add(consumer);
                    break;
                case 11 when _consumers.Count > 0:
                    _bench.Placement.Free(_consumers[0]);
                    _consumers.RemoveAt(0);
                    break;
                case 12:
                    _bench.Placement.Put(one with { Traits = one.Traits.Add("CUSTOM_SITE_A") });
                    Mark(one.Uuid, "CUSTOM_SITE_A");
                    break;
                case 13:
                    _bench.Placement.Put(one with { Inventories = one.Inventories.SetItem("CUSTOM_SITE_RC", new FakeInventory(3, 1, 2)) });
                    Mark(one.Uuid, "CUSTOM_SITE_RC");
                    break;
                case 14:
                    _bench.Placement.Put(one with { Inventories = one.Inventories.SetItem("FPGA", new FakeInventory(_random.Next(1, 9), 0, 9)) });
                    break;
                case 15:
                    _bench.Placement.Put(one with { Traits = one.Traits.Remove("OWNER_CYBORG").Remove("CUSTOM_A") });
                    break;
                case 16:
                    if (ours.TrueForAll(child => child.Parent != one.Uuid))
                    {
                        _bench.Placement.Remove(one.Uuid);
                        _marks.Remove(one.Uuid);
                    }
                    break;
                case 17:
                    var foreign = new FakeProvider(Guid.NewGuid(), $"foreign{_foreign.Count}", _bench.Host, 0) { Traits = ["OWNER_NOVA"] };
                    _bench.Placement.Put(foreign);
                    _foreign.Add(foreign.Uuid, foreign);
                    break;
                default:
                    break;
            }
        }

        private void Mark(Guid provider, string mark)
        {
            if (!_marks.TryGetValue(provider, out var marks))
                _marks[provider] = marks = [];
            marks.Add(mark);
        }

        private WantedDeployable Random(WantedDeployable one) => one with
        {
            State = DeviceState.Ready,
            NumAccelerators = _random.Next(1, 6),
            Withheld = _random.Next(3),
            FunctionTrait = _random.Next(2) == 0 ? null : $"CUSTOM_FPGA_FUNCTION_ID_F{_random.Next(3)}",
            Attributes = [new DriverAttribute("rc", Classes[_random.Next(Classes.Length)]), new DriverAttribute("trait0", $"CUSTOM_{(char)('A' + _random.Next(4))}")],
        };

        private void Change(Func<WantedDeployable, WantedDeployable> change)
        {
            if (_bench.Wanted.Count > 0)
                _bench.Change(_bench.Wanted[_random.Next(_bench.Wanted.Count)].Name, change);
        }

        private async Task TrySyncAsync()
        {
            var (calls, trouble, at) = (0, _random.Next(5), _random.Next(12));
            var before = _bench.Placement.Providers;
            _bench.Before = (method, path) =>
            {
                if (calls++ != at || trouble > 2)
                    return null;
                if (trouble == 0)
                    return FakeReply.Error(503, "away");
                if (trouble == 1)
                    Happen(_random.Next(10, 18));
                else if (method != "GET")
                    _bench.Restart();
                return null;
            };
            try
            {
                var result = await _bench.SyncAsync(rewrite: _random.Next(6) == 0);
                _story.Add($"synced: held {result.Held.Count}, gone {result.Gone.Count}, writes {result.Writes}");
                _bench.Wanted.RemoveAll(one => result.Gone.Contains(one.Deployable) && one.Missing && _random.Next(2) == 0);
                if (trouble > 2 && (!_bench.MayGrow || _bench.Fenced))
                    CheckNotGrown(before);
            }
            catch (PlacementException e)
            {
                _story.Add($"failed: {e.Message}");
            }
            finally
            {
                _bench.Before = (_, _) => null;
                // A provider that was deleted took what others wrote on it along.
                foreach (var deleted in _marks.Keys.Where(provider => !_bench.Placement.Providers.ContainsKey(provider)).ToList())
                    _marks.Remove(deleted);
            }
        }

        private void CheckNotGrown(ImmutableDictionary<Guid, FakeProvider> before)
        {
            foreach (var provider in _bench.Placement.Providers.Values)
            {
                foreach (var name in Classes)
                    Assert.True(provider.Free(name) <= (before.GetValueOrDefault(provider.Uuid)?.Free(name) ?? 0), $"{provider} has grown");
            }
        }

        private async Task QuietAsync()
        {
            (_bench.MayGrow, _bench.Fenced) = (true, false);
            foreach (var consumer in _consumers)
                _bench.Placement.Free(consumer);
            for (var i = 0; i < 3; i++)
            {
                var result = await _bench.SyncAsync();
                _bench.Wanted.RemoveAll(one => result.Gone.Contains(one.Deployable));
            }
            Check();
            Assert.False(await _bench.DriftedAsync());
            _bench.Placement.ClearJournal();
            _bench.Restart();
            await _bench.SyncAsync();
            Assert.Empty(_bench.Placement.Writes);
        }

        private void Check()
        {
            var shown = _bench.Placement.Providers.Values.Where(provider => provider.Uuid != _bench.Host).ToDictionary(provider => provider.Uuid);
            foreach (var (uuid, provider) in _foreign)
                Assert.Equal(provider.ToString(), shown[uuid].ToString());
            Assert.DoesNotContain(_bench.Wanted, one => one.Missing);
            Assert.Equal(_bench.Wanted.Select(one => one.Provider).Order(), shown.Keys.Except(_foreign.Keys).Order());
            foreach (var one in _bench.Wanted)
            {
                var desired = Assert.Single(DesiredTree.Of(new HostWants(1, 1, false, [one])).Shown);
                var provider = shown[one.Provider];
                var marks = _marks.GetValueOrDefault(one.Provider, []);
                Assert.Equal((one.Name, _bench.Host), (provider.Name, provider.Parent));
                Assert.Equal(desired.Traits.Union(marks.Where(mark => mark == "CUSTOM_SITE_A")), provider.Traits);
                Assert.Equal(
                    marks.Where(mark => mark == "CUSTOM_SITE_RC").Append(desired.ResourceClass).Order(StringComparer.Ordinal),
                    // Another service's FPGA on a provider that is not of that class is none of our business.
                    provider.Inventories.Keys.Where(name => name == desired.ResourceClass || name != "FPGA"));
                var inventory = provider.Inventories[desired.ResourceClass];
                Assert.Equal((desired.Inventory.Total, desired.Inventory.Reserved, desired.Inventory.MaxUnit), (inventory.Total, inventory.Reserved, inventory.MaxUnit));
            }
        }
    }
}
