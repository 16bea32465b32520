namespace Cyborg.Identity.Policy;

/// <summary>Where the rules of operators are (upstream: the options of <c>[oslo_policy]</c>).</summary>
public sealed record PolicySource
{
    /// <summary>Largest policy file, in bytes.</summary>
    public const int MaxFileBytes = 1024 * 1024;
    /// <summary>Size of all policy files together, in bytes.</summary>
    public const int MaxTotalBytes = 8 * MaxFileBytes;
    /// <summary>Most policy files.</summary>
    public const int MaxFiles = 200;
    /// <summary>Most rules, over all files.</summary>
    public const int MaxRules = 10_000;

    /// <summary>The main file: a path, or a name that is looked up in <see cref="SearchFolders"/>. If there is none, the defaults
    /// count. It may come and go while the service runs.</summary>
    public string File { get; init; } = "policy.yaml";

    /// <summary>Folders of further files, paths or names as with <see cref="File"/>. Their files override the main one: folders in
    /// this order, files by name; hidden files and folders inside do not count.</summary>
    public IReadOnlyList<string> Folders { get; init; } = ["policy.d"];

    /// <summary>Where names are looked up, first match: the folder of the configuration file, <c>/etc/cyborg</c>.</summary>
    public IReadOnlyList<string> SearchFolders { get; init; } = [];

    /// <summary>The rule that stands for rules that are referred to and do not exist (<c>policy_default_rule</c>).</summary>
    public string DefaultRule { get; init; } = PolicyRuleSet.DefaultRule;

    /// <summary>False (upstream's default until 2027.1): the old default of a rule also lets callers in.</summary>
    public bool EnforceNewDefaults { get; init; }

    /// <summary>How <c>http:</c> and <c>https:</c> checks ask.</summary>
    public RemoteCheckOptions Remote { get; init; } = new();
}

/// <summary>How <c>http:</c> and <c>https:</c> checks ask their servers.</summary>
public sealed record RemoteCheckOptions
{
    /// <summary>The question as one JSON object (<c>remote_content_type=application/json</c>) instead of a form.</summary>
    public bool AsJson { get; init; }

    /// <summary>Time for one question and its answer (<c>remote_timeout</c>). Later is no answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>False: an <c>https:</c> server need not prove who it is. Upstream's default is false.</summary>
    public bool VerifyServer { get; init; } = true;

    /// <summary>PEM file of the authorities that servers' certificates must come from; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the certificate shown to servers; null: none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of its key; null: it is in <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; init; }
}

/// <summary>Policy files that cannot be used as they are. The message names the file and, where it can, the line.</summary>
public sealed class PolicyLoadException : Exception
{
    /// <summary>A fault without a text.</summary>
    public PolicyLoadException() { }

    /// <summary>A fault of a file's content.</summary>
    /// <param name="message">File, line, and what is wrong.</param>
    public PolicyLoadException(string message) : base(message) { }

    /// <summary>A fault of getting at a file.</summary>
    /// <param name="message">File and what is wrong.</param>
    /// <param name="innerException">What the system said.</param>
    public PolicyLoadException(string message, Exception innerException) : base(message, innerException) { }
}
