using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>Finds clouds.yaml, secure.yaml and clouds-public.yaml: the first of each kind that is there counts (upstream: openstacksdk,
/// openstack/config/loader.py).</summary>
internal sealed class CloudFiles
{
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    private CloudFiles(string? path, JsonObject clouds, JsonObject profiles, IReadOnlyList<string> folders)
    {
        Path = path;
        Clouds = clouds;
        Profiles = profiles;
        Folders = folders;
    }

    /// <summary>The clouds.yaml that was read; null if there is none.</summary>
    public string? Path { get; }

    /// <summary>Its clouds by name, with what secure.yaml adds to them.</summary>
    public JsonObject Clouds { get; }

    /// <summary>What clouds can have in common: <c>public-clouds</c> of clouds-public.yaml.</summary>
    public JsonObject Profiles { get; }

    /// <summary>Where was looked, in order.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Reads them.</summary>
    /// <exception cref="CliFault">One cannot be understood.</exception>
    public static CloudFiles Read(Surroundings surroundings)
    {
        var folders = Search(surroundings);
        var (path, file) = First(surroundings.Variable("OS_CLIENT_CONFIG_FILE"), "clouds", folders, surroundings);
        var (_, secure) = First(surroundings.Variable("OS_CLIENT_SECURE_FILE"), "secure", folders, surroundings);
        var (_, common) = First(surroundings.Variable("OS_CLIENT_VENDOR_FILE"), "clouds-public", folders, surroundings);
        var clouds = Merge(Section(file, "clouds"), Section(secure, "clouds"));
        return new CloudFiles(path, clouds, Section(common, "public_clouds"), folders);
    }

    /// <summary>Where openstacksdk looks on Linux: the working folder, the user's, the machine's.</summary>
    public static IReadOnlyList<string> Search(Surroundings surroundings)
    {
        var user = surroundings.Variable("XDG_CONFIG_HOME") ?? System.IO.Path.Join(surroundings.Home, ".config");
        var site = (surroundings.Variable("XDG_CONFIG_DIRS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. new[] { surroundings.Folder, System.IO.Path.Join(user, "openstack"), System.IO.Path.Join(surroundings.Home, ".config", "openstack") }
                .Concat(site.Select(folder => System.IO.Path.Join(folder, "openstack")))
                .Append("/etc/openstack")
                .Distinct(),
        ];
    }

    /// <summary>The first tree with what the second has in place of it or beside it; mappings are joined.</summary>
    public static JsonObject Merge(JsonObject under, JsonObject over)
    {
        var joined = (JsonObject)under.DeepClone();
        foreach (var (name, value) in over)
        {
            joined[name] = value is JsonObject inner && joined[name] is JsonObject outer ? Merge(outer, inner) : value?.DeepClone();
        }
        return joined;
    }

    private static JsonObject Section(JsonObject? file, string name) => file?[name] as JsonObject ?? [];

    private static (string? Path, JsonObject? File) First(string? chosen, string name, IReadOnlyList<string> folders, Surroundings surroundings)
    {
        var places = folders.SelectMany(folder => Endings.Select(ending => System.IO.Path.Join(folder, name + ending)));
        foreach (var path in chosen is null ? places : places.Prepend(surroundings.FullPath(chosen)))
        {
            if (CloudFile.Read(path) is { } file)
                return (path, file);
        }
        return (null, null);
    }
}
