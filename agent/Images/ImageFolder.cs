namespace Cyborg.Agent.Images;

/// <summary>The images of <c>[agent] image_path</c>: files named by their UUID, in lower case with hyphens.</summary>
internal sealed class ImageFolder(string? folder)
{
    /// <summary>True if there is such a folder.</summary>
    public bool IsThere => folder is not null;

    /// <summary>Path of an image; null if there is no such file, or if it is a link.</summary>
    public string? Find(Guid image)
    {
        if (folder is null)
            return null;
        // A link could lead out of the folder, to whatever the agent can read.
        var file = new FileInfo(Path.Combine(folder, image.ToString("D")));
        return file.Exists && file.LinkTarget is null ? file.FullName : null;
    }
}
