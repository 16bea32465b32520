using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cyborg.Model;

/// <summary>One group of a device profile, parsed once: what it asks of Placement and what it tells the driver.</summary>
/// <param name="Text">The group as the API shows it: keys and values trimmed, in the order given.</param>
/// <param name="Resources">Resource classes with their amounts.</param>
/// <param name="RequiredTraits">Traits that the provider must have.</param>
/// <param name="ForbiddenTraits">Traits that the provider must not have.</param>
/// <param name="Hints">The <c>accel:</c> keys without their prefix.</param>
public sealed partial record ProfileGroup(
    IReadOnlyDictionary<string, string?> Text,
    IReadOnlyDictionary<string, int> Resources,
    IReadOnlySet<string> RequiredTraits,
    IReadOnlySet<string> ForbiddenTraits,
    IReadOnlyDictionary<string, string?> Hints)
{
    /// <summary>Most accelerators that one resource of a group may ask for; upstream has no bound.</summary>
    public const int MaxAmount = 128;

    /// <summary>Most ARQs that one profile may make at a time.</summary>
    public const int MaxRequestsPerProfile = 512;

    /// <summary>Most groups in a profile, and most keys in a group.</summary>
    public const int MaxGroups = 64;

    private static readonly FrozenSet<string> StandardClasses =
        new[] { "FPGA", "GPU", "VGPU", "PGPU" }.ToFrozenSet();

    /// <summary>Hint that names the image to program.</summary>
    public const string BitstreamHint = "bitstream_id";

    /// <summary>Hint that names the function whose image is to be programmed.</summary>
    public const string FunctionHint = "function_id";

    /// <summary>How many ARQs this group makes: the sum of its amounts; Xilinx cards count their FPGAs twice, for the two functions
    /// of a card (upstream: cyborg/api/controllers/v2/arqs.py).</summary>
    public int RequestCount
    {
        get
        {
            var sum = Resources.Values.Sum();
            return RequiredTraits.Contains("CUSTOM_FPGA_XILINX") ? 2 * Resources.GetValueOrDefault("FPGA") : sum;
        }
    }

    /// <summary>True if binding an ARQ of this group has to program an FPGA first.</summary>
    public bool NeedsProgramming => Hints.ContainsKey(BitstreamHint) || Hints.ContainsKey(FunctionHint);

    /// <summary>Parses every group of a profile.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/> says what is wrong and what would be right.</exception>
    public static IReadOnlyList<ProfileGroup> ParseAll(IReadOnlyList<IReadOnlyDictionary<string, string?>> groups)
    {
        if (groups.Count is 0 or > MaxGroups)
            throw Invalid($"A device profile needs 1 to {MaxGroups} groups, got {groups.Count}.");
        List<ProfileGroup> parsed = [.. groups.Select(Parse)];
        var requests = parsed.Sum(group => (long)group.RequestCount);
        return requests <= MaxRequestsPerProfile
            ? parsed
            : throw Invalid($"The groups ask for {requests} accelerators; a device profile may ask for {MaxRequestsPerProfile} at most.");
    }

    /// <summary>Parses one group.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/> says what is wrong and what would be right.</exception>
    public static ProfileGroup Parse(IReadOnlyDictionary<string, string?> group)
    {
        if (group.Count > MaxGroups)
            throw Invalid($"A group of a device profile may have {MaxGroups} keys at most, got {group.Count}.");
        var text = new OrderedDictionary<string, string?>();
        var resources = new Dictionary<string, int>();
        HashSet<string> required = [], forbidden = [];
        var hints = new Dictionary<string, string?>();
        foreach (var (rawKey, rawValue) in group)
        {
            var (kind, name) = SplitKey(rawKey);
            var value = rawValue?.Trim();
            if (!text.TryAdd($"{kind}:{name}", value))
                throw Invalid($"The key '{kind}:{name}' is given twice in one group.");
            switch (kind)
            {
                case "resources":
                    resources.Add(name, ParseAmount(name, value));
                    break;
                case "trait":
                    (ParseTrait(name, value) ? required : forbidden).Add(name);
                    break;
                default:
                    hints[name] = value;
                    break;
            }
        }
        if (hints.ContainsKey(BitstreamHint) && hints.ContainsKey(FunctionHint))
            throw Invalid($"A group may have accel:{BitstreamHint} or accel:{FunctionHint}, not both.");
        return new ProfileGroup(text, resources, required, forbidden, hints);
    }

    private static (string Kind, string Name) SplitKey(string key)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? key.Trim() : key[..colon].Trim();
        var name = colon < 0 ? "" : key[(colon + 1)..].Trim();
        if (colon < 0 || kind is not ("resources" or "trait" or "accel") || name.Length == 0)
            throw Invalid($"Invalid key '{key}' in a group: keys begin with 'resources:', 'trait:' or 'accel:' and go on with a name.");
        if (name.Length > 255)
            throw Invalid($"The name in the key '{kind}:' is {name.Length} characters long; 255 are allowed.");
        return (kind, name);
    }

    private static int ParseAmount(string resourceClass, string? value)
    {
        if (!StandardClasses.Contains(resourceClass) && !CustomName().IsMatch(resourceClass))
            throw Invalid($"Unsupported resource class '{resourceClass}': use {string.Join(", ", StandardClasses.Order())} or CUSTOM_ followed by A-Z, 0-9 and _.");
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || amount > MaxAmount)
            throw Invalid($"Invalid amount '{value}': resources:{resourceClass} takes a whole number from 0 to {MaxAmount}.");
        return amount;
    }

    private static bool ParseTrait(string trait, string? value)
    {
        if (!TraitName().IsMatch(trait))
            throw Invalid($"Unsupported trait name '{trait}': use CUSTOM_ or a standard trait's prefix (COMPUTE_, HW_, MISC_, OWNER_, STORAGE_) followed by A-Z, 0-9 and _.");
        return value switch
        {
            "required" => true,
            "forbidden" => false,
            _ => throw Invalid($"Unsupported trait value '{value}' for trait:{trait}: use 'required' or 'forbidden'."),
        };
    }

    private static FaultException Invalid(string message) => new(FaultCode.InvalidInput, message);

    [GeneratedRegex(@"\ACUSTOM_[A-Z0-9_]+\z")]
    private static partial Regex CustomName();

    // Prefixes of the os-traits library, beside an operator's own.
    [GeneratedRegex(@"\A(CUSTOM|COMPUTE|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]+\z")]
    private static partial Regex TraitName();
}
