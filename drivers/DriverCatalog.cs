using Cyborg.Drivers.Fake;
using Cyborg.Drivers.Generic;

namespace Cyborg.Drivers;

/// <summary>The drivers an agent can enable, by entry name.</summary>
public sealed class DriverCatalog
{
    private readonly SortedDictionary<string, Func<IAcceleratorDriver>> _factories = new(StringComparer.Ordinal);

    /// <summary>A catalog with nothing in it.</summary>
    public static DriverCatalog Empty => new();

    /// <summary>The drivers that come with Cyborg: <c>fake_driver</c> and <c>generic_driver</c>.</summary>
    public static DriverCatalog BuiltIn(FakeDriverOptions fake, GenericDriverOptions generic, TimeProvider time) => new DriverCatalog()
        .Add(FakeDriver.EntryName, () => new FakeDriver(fake, time))
        .Add(GenericDriver.EntryName, () => new GenericDriver(generic));

    /// <summary>Entry names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _factories.Keys];

    /// <summary>Adds a driver.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public DriverCatalog Add(string name, Func<IAcceleratorDriver> factory)
    {
        _factories.Add(name, factory);
        return this;
    }

    /// <summary>Why <paramref name="enabled"/> cannot be made, in one line that names the known drivers; null if it can
    /// (upstream: InvalidDriver stops the agent).</summary>
    public string? Fault(IReadOnlyList<string> enabled)
    {
        var unknown = enabled.Where(name => !_factories.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList();
        return unknown.Count == 0
            ? null
            : $"unknown driver {string.Join(", ", unknown.Select(name => $"'{name}'"))}; known drivers: {string.Join(", ", Names)}";
    }

    /// <summary>Makes the enabled drivers in their order; a name given twice is one driver.</summary>
    /// <exception cref="DriverException">A name is unknown, see <see cref="Fault"/>.</exception>
    public IReadOnlyList<IAcceleratorDriver> Create(IReadOnlyList<string> enabled) =>
        Fault(enabled) is { } fault
            ? throw new DriverException(fault)
            : [.. enabled.Distinct(StringComparer.Ordinal).Select(name => _factories[name]())];
}
