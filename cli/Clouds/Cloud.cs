using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>The cloud that is meant: what it is by name of <see cref="CloudSettings"/>, and where that was written.</summary>
/// <param name="Origin">For messages: <c>cloud devstack of /etc/openstack/clouds.yaml</c>, <c>the OS_* variables</c>.</param>
/// <param name="Values">Values by key.</param>
internal sealed record Cloud(string Origin, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The value of a setting; null if it is not set.</summary>
    public string? this[string key] => Values.GetValueOrDefault(key);

    /// <summary>Chooses as openstacksdk does: the cloud that is named; else the OS_* variables if they say anything; else the only cloud of the file. Flags
    /// win over each setting of it.</summary>
    /// <param name="surroundings">Where the files and variables are.</param>
    /// <param name="name"><c>--os-cloud</c>; null if not given.</param>
    /// <param name="flags">Flags that were given, by key.</param>
    /// <exception cref="CliFault">None can be chosen, or a file cannot be understood.</exception>
    public static Cloud Choose(Surroundings surroundings, string? name, IReadOnlyDictionary<string, string> flags)
    {
        name ??= surroundings.Variable("OS_CLOUD");
        var ofVariables = surroundings.Variable("OS_CLOUD_NAME") ?? "envvars";
        var variables = Variables(surroundings);
        var meansVariables = name == ofVariables || (name is null && variables.Keys.Any(key => key != CloudSettings.Region));
        var region = flags.GetValueOrDefault(CloudSettings.Region) ?? surroundings.Variable("OS_REGION_NAME");
        var cloud = meansVariables ? new Cloud("the OS_* variables", variables) : OfFile(surroundings, name, region);
        if (cloud is null && flags.Count == 0)
        {
            throw CliFault.Usage(
                "no cloud is named: set OS_CLOUD (see clouds.yaml), or OS_AUTH_URL and its like, or --os-endpoint URL for a Cyborg without Keystone");
        }
        var values = new Dictionary<string, string>(cloud?.Values ?? new Dictionary<string, string>());
        if (region is not null)
            values[CloudSettings.Region] = region;
        foreach (var (key, value) in flags)
            values[key] = value;
        return new Cloud(cloud?.Origin ?? "the command line", values);
    }

    private static Dictionary<string, string> Variables(Surroundings surroundings)
    {
        var values = new Dictionary<string, string>();
        foreach (var setting in CloudSettings.All)
        {
            if (setting.ReadVariable(surroundings.Variable) is { } value)
                values[setting.Key] = value;
        }
        return values;
    }

    private static Cloud? OfFile(Surroundings surroundings, string? name, string? region)
    {
        var files = CloudFiles.Read(surroundings);
        if (name is null && files.Clouds.Count == 1)
            name = files.Clouds.First().Key;
        if (name is null)
            return null;
        if (!files.Clouds.TryGetPropertyValue(name, out var found))
            throw CliFault.Usage(Unknown(files, name));
        var origin = $"cloud {Printable.Escape(name, 100)} of {Printable.Escape(files.Path ?? "secure.yaml")}";
        if (found is not JsonObject cloud)
            throw CliFault.Usage($"{origin} is no mapping; write auth: {{auth_url: ..., username: ...}} below it");
        return new Cloud(origin, Flatten(InRegion(WithProfile(cloud, files, origin), region, origin)));
    }

    private static string Unknown(CloudFiles files, string name)
    {
        var shown = Printable.Escape(name, 100);
        if (files.Path is null)
            return $"cloud {shown} is not known: there is no clouds.yaml in {string.Join(", ", files.Folders.Select(folder => Printable.Escape(folder)))}";
        var known = files.Clouds.Count == 0 ? "no clouds" : string.Join(", ", files.Clouds.Select(cloud => Printable.Escape(cloud.Key, 100)));
        return $"cloud {shown} is not known: {Printable.Escape(files.Path)} has {known}";
    }

    private static JsonObject WithProfile(JsonObject cloud, CloudFiles files, string origin)
    {
        if ((Text(cloud["profile"]) ?? Text(cloud["cloud"])) is not { } profile)
            return cloud;
        return files.Profiles[profile] is JsonObject common
            ? CloudFiles.Merge(common, cloud)
            : throw CliFault.Usage($"{origin} has profile {Printable.Escape(profile, 100)}, which is not in clouds-public.yaml (other profiles are not known here)");
    }

    // The regions of a cloud may have settings of their own; the first is the default (openstacksdk: "regions").
    private static JsonObject InRegion(JsonObject cloud, string? wanted, string origin)
    {
        if (cloud["regions"] is not JsonArray { Count: > 0 } regions)
            return cloud;
        wanted ??= Text(cloud[CloudSettings.Region]);
        var found = wanted is null ? regions[0] : regions.FirstOrDefault(region => NameOf(region) == wanted);
        if (NameOf(found) is not { } name)
        {
            var known = string.Join(", ", regions.Select(region => Printable.Escape(NameOf(region) ?? "", 100)));
            throw CliFault.Usage($"{origin} has no region {Printable.Escape(wanted ?? "", 100)}; it has {known}");
        }
        var chosen = found is JsonObject region && region["values"] is JsonObject values ? CloudFiles.Merge(cloud, values) : (JsonObject)cloud.DeepClone();
        chosen[CloudSettings.Region] = name;
        return chosen;
    }

    private static string? NameOf(JsonNode? region) => region is JsonObject named ? Text(named["name"]) : Text(region);

    private static Dictionary<string, string> Flatten(JsonObject cloud)
    {
        var values = new Dictionary<string, string>();
        var auth = cloud["auth"] as JsonObject ?? [];
        foreach (var setting in CloudSettings.All)
        {
            // A setting of this service alone wins over one for all services.
            var names = setting.Aliases.Where(alias => alias.StartsWith("accelerator_", StringComparison.Ordinal))
                .Append(setting.Key)
                .Concat(setting.Aliases);
            if (names.Select(key => Text(auth[key]) ?? Text(cloud[key])).FirstOrDefault(text => text is not null) is { } value)
                values[setting.Key] = value;
        }
        return values;
    }

    private static string? Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) && text.Length > 0 => text,
        // A list of interfaces: the best first.
        JsonArray { Count: > 0 } list when list.All(item => item is JsonValue) => string.Join(',', list.Select(item => (string?)item)),
        _ => null,
    };
}
