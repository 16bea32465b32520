using System.CommandLine;

namespace Cyborg.Cli;

/// <summary>The flags that choose a cloud: <c>--os-cloud</c>, and one for each of <see cref="CloudSettings"/>.</summary>
internal sealed class CloudFlags
{
    private readonly Option<string?> _cloud = new("--os-cloud")
    {
        HelpName = "NAME",
        Description = "Cloud of clouds.yaml; OS_CLOUD if not given.",
        Recursive = true,
    };
    private readonly Dictionary<string, Option<string?>> _texts = [];
    private readonly Dictionary<string, Option<bool>> _switches = [];

    /// <summary>Adds them to the root command.</summary>
    public CloudFlags(RootCommand root, Surroundings surroundings)
    {
        _cloud.CompletionSources.Add(_ => Suggestions.Clouds(surroundings));
        root.Add(_cloud);
        foreach (var setting in CloudSettings.All.Where(setting => setting.Help is not null))
            Add(root, setting);
    }

    /// <summary>The cloud that the command line means.</summary>
    /// <exception cref="CliFault">There is none.</exception>
    public Cloud Choose(ParseResult parsed, Surroundings surroundings)
    {
        var given = new Dictionary<string, string>();
        foreach (var (key, flag) in _texts)
        {
            if (parsed.GetValue(flag) is { Length: > 0 } value)
                given[key] = value;
        }
        foreach (var (key, flag) in _switches)
        {
            if (parsed.GetValue(flag))
                given[key] = "true";
        }
        return Cloud.Choose(surroundings, parsed.GetValue(_cloud), given);
    }

    private void Add(RootCommand root, CloudSetting setting)
    {
        var name = CloudSetting.Flag(setting.Key);
        if (setting.IsSwitch)
        {
            var flag = new Option<bool>(name) { Description = setting.Help, Recursive = true, Hidden = !setting.Common };
            _switches[setting.Key] = flag;
            root.Add(flag);
            return;
        }
        var text = new Option<string?>(name) { HelpName = "VALUE", Description = setting.Help, Recursive = true, Hidden = !setting.Common };
        if (setting.Key == CloudSettings.Endpoint)
            text.Aliases.Add("--os-endpoint-override");
        _texts[setting.Key] = text;
        root.Add(text);
    }
}
