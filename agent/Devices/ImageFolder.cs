using Cyborg.Model;

namespace Cyborg.Agent.Devices;

/// <summary>The images of <c>[agent] image_path</c>: files named by their UUID, in lower case with hyphens.</summary>
internal sealed class ImageFolder(string? folder)
{
    /// <summary>Path of an image.</summary>
    /// <exception cref="FaultException">It is not there, or it is a link out of the folder.</exception>
    public string Find(Guid image)
    {
        if (folder is null)
            throw new FaultException(FaultCode.ImageNotFound, $"Image {image} could not be found: the host has no folder of images ([agent] image_path).");
        var root = Path.GetFullPath(folder);
        var file = new FileInfo(Path.Combine(root, image.ToString("D")));
        if (!file.Exists || !IsWithin(root, file))
            throw new FaultException(FaultCode.ImageNotFound, $"Image {image} could not be found.");
        return file.FullName;
    }

    // An operator may use links within the folder; one that leads out of it is more likely an attack on what the agent can read.
    private static bool IsWithin(string root, FileInfo file)
    {
        var target = file.ResolveLinkTarget(returnFinalTarget: true);
        return target is null
            || (File.Exists(target.FullName) && target.FullName.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }
}
