using System.Collections.Immutable;
using Cyborg.Model;

namespace Cyborg.Placement;

/// <summary>What Placement is to show of a host: one provider for each deployable, all children of the host's own.</summary>
/// <param name="Shown">Those that are to be there.</param>
/// <param name="Leaving">Those that are to go.</param>
/// <param name="Superseded">Missing deployables whose name another one has by now: they have no provider of their own any more.</param>
/// <param name="Problems">What of the database cannot be shown and why, one line each.</param>
internal sealed record DesiredTree(
    IReadOnlyList<DesiredProvider> Shown, IReadOnlyList<LeavingProvider> Leaving, IReadOnlyList<Guid> Superseded, IReadOnlyList<string> Problems)
{
    /// <summary>Names of the traits that any of them shows.</summary>
    public IEnumerable<string> Traits => Shown.SelectMany(provider => provider.Traits).Distinct(StringComparer.Ordinal);

    /// <summary>Decides what is to be shown; pure.</summary>
    /// <remarks>Every provider has <see cref="PlacementNames.OwnerTrait"/>: upstream gives it to those of two drivers only, and Nova's and Cyborg's
    /// providers stand side by side under one host.</remarks>
    public static DesiredTree Of(HostWants wants)
    {
        var (shown, leaving, superseded, problems) = (new List<DesiredProvider>(), new List<LeavingProvider>(), new List<Guid>(), new List<string>());
        var (names, uuids) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<Guid>());
        foreach (var deployable in wants.Deployables.OrderBy(deployable => deployable.Missing))
        {
            if (!names.Add(deployable.Name) | !uuids.Add(deployable.Provider))
            {
                if (deployable.Missing)
                    superseded.Add(deployable.Deployable);
                else
                    problems.Add($"{deployable.Name}: another deployable of the host has its name or its provider; it is not shown.");
                continue;
            }
            var fault = ClassFault(deployable, out var resourceClass);
            if (fault is not null && !deployable.Missing)
                problems.Add($"{deployable.Name}: {fault}; it is not shown.");
            if (fault is not null || deployable.Missing)
                leaving.Add(new LeavingProvider(deployable.Deployable, deployable.Provider, deployable.Name, resourceClass, deployable.Missing));
            else
                shown.Add(Show(deployable, resourceClass!, wants.Fenced, problems));
        }
        return new DesiredTree(shown, leaving, superseded, problems);
    }

    /// <summary>Without traits that this Placement does not know and will not make.</summary>
    public DesiredTree WithoutTraits(IReadOnlySet<string> unknown)
    {
        var lost = Shown.SelectMany(provider => provider.Traits.Where(unknown.Contains).Select(trait => (provider.Name, Trait: trait))).ToList();
        return lost.Count == 0 ? this : this with
        {
            Shown = [.. Shown.Select(provider => provider with { Traits = provider.Traits.Except(unknown) })],
            Problems = [.. Problems, .. lost.Select(pair => $"{pair.Name}: Placement does not know the standard trait {pair.Trait}; it is left out.")],
        };
    }

    private static string? ClassFault(WantedDeployable deployable, out string? resourceClass)
    {
        var value = deployable.Attributes.FirstOrDefault(attribute => attribute.Key == "rc")?.Value;
        resourceClass = value is not null && PlacementNames.IsResourceClass(value) ? value : null;
        if (value is null)
            return "it has no attribute rc (resource class)";
        if (resourceClass is null)
            return "its attribute rc is no resource class of an accelerator";
        return deployable.NumAccelerators < 1 ? "it has no accelerators" : null;
    }

    private static DesiredProvider Show(WantedDeployable deployable, string resourceClass, bool fenced, List<string> problems)
    {
        var traits = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        traits.Add(PlacementNames.OwnerTrait);
        foreach (var (key, value) in deployable.Attributes.Where(attribute => attribute.Key.StartsWith("trait", StringComparison.Ordinal)))
        {
            if (PlacementNames.IsTrait(value))
                traits.Add(value);
            else
                problems.Add($"{deployable.Name}: the attribute {key} is no trait; it is left out.");
        }
        if (deployable.FunctionTrait is { } function)
        {
            if (PlacementNames.IsTrait(function))
                traits.Add(function);
            else
                problems.Add($"{deployable.Name}: the trait of its function is no trait; it is left out.");
        }
        var offered = deployable.State == DeviceState.Ready && !fenced;
        var total = deployable.NumAccelerators;
        var reserved = offered ? Math.Clamp(deployable.Withheld, 0, total) : total;
        return new DesiredProvider(
            deployable.Deployable, deployable.Provider, deployable.Name, resourceClass, InventoryRecord.Of(total, reserved), traits.ToImmutable());
    }
}
