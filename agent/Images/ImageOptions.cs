using Cyborg.Hosting;
using Cyborg.Identity.Session;

namespace Cyborg.Agent.Images;

/// <summary>Where an agent finds images, beside <c>[agent] image_path</c>.</summary>
public sealed record ImageOptions
{
    /// <summary>The image service's type in the catalog.</summary>
    internal const string ServiceType = "image";

    /// <summary><c>[glance]</c>.</summary>
    public static readonly ServiceSection Section = new("glance", ServiceType);

    /// <summary><c>[glance] num_retries</c>.</summary>
    public static readonly Option<int> RetriesOption = Options.Integer(
        "glance", "num_retries", 0, "How often an image that broke off is fetched again before the bind or the call is told; binds try again anyway.", min: 0, max: 100);

    /// <summary><c>[agent] max_image_size</c>.</summary>
    public static readonly Option<int> MaxSizeOption = Options.Integer(
        "agent", "max_image_size", 1024, "Largest image in MiB that is fetched from the image service; it is kept in [DEFAULT] state_path while it is used.", min: 1, max: 1024 * 1024);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. Section.All, RetriesOption, MaxSizeOption];

    /// <summary>How to log in and to find the image service; null without one.</summary>
    public KeystoneSessionOptions? Glance { get; init; }
    /// <summary>How often a download is begun again.</summary>
    public int Retries { get; init; }
    /// <summary>Largest image in bytes; 1 GiB.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Reads them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="faults">Gets what is wrong, one line each.</param>
    public static ImageOptions Read(CyborgConfig config, List<string> faults)
    {
        KeystoneSessionOptions? glance = null;
        try
        {
            glance = Section.Read(config);
        }
        catch (ConfigException error)
        {
            faults.AddRange(error.Faults);
        }
        return new ImageOptions { Glance = glance, Retries = config.Get(RetriesOption), MaxBytes = (long)config.Get(MaxSizeOption) << 20 };
    }
}
