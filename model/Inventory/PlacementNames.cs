using System.Text.RegularExpressions;

namespace Cyborg.Model;

/// <summary>Names that Placement takes for resource classes and traits (placement: placement/schemas, os-traits, os-resource-classes).</summary>
public static partial class PlacementNames
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 255;

    /// <summary>The trait by which Nova knows that a provider is Cyborg's.</summary>
    public const string OwnerTrait = "OWNER_CYBORG";

    private static readonly HashSet<string> StandardClasses = ["FPGA", "PGPU", "VGPU"];

    /// <summary>True for <c>CUSTOM_*</c> and for the standard classes that mean an accelerator: FPGA, PGPU, VGPU.</summary>
    public static bool IsResourceClass(string name) => StandardClasses.Contains(name) || IsCustom(name);

    /// <summary>True for <c>CUSTOM_*</c>, <see cref="OwnerTrait"/> and names in a standard trait's name space; never for another service's owner trait:
    /// with <c>OWNER_NOVA</c> Nova would take the device for its own.</summary>
    public static bool IsTrait(string name) => name == OwnerTrait || IsCustom(name) || (name.Length <= MaxLength && StandardTrait().IsMatch(name));

    /// <summary>The custom name of <paramref name="words"/>: upper case, everything else than letters, digits and <c>_</c> becomes <c>_</c>.</summary>
    public static string Custom(params IEnumerable<string> words) =>
        "CUSTOM_" + NotAllowed().Replace(string.Join('_', words).ToUpperInvariant(), "_");

    /// <summary>A device's or host's name with everything else than letters, digits, <c>-</c> and <c>_</c> as <c>_</c>.</summary>
    public static string Plain(string name) => NotPlain().Replace(name, "_");

    private static bool IsCustom(string name) => name.Length <= MaxLength && CustomName().IsMatch(name);

    [GeneratedRegex(@"\ACUSTOM_[A-Z0-9_]+\z")]
    private static partial Regex CustomName();

    [GeneratedRegex(@"\A(HW|COMPUTE|MISC|STORAGE)_[A-Z0-9_]+\z")]
    private static partial Regex StandardTrait();

    [GeneratedRegex("[^A-Z0-9_]")]
    private static partial Regex NotAllowed();

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotPlain();
}
