using Cyborg.Model;

namespace Cyborg.Agent.Devices;

/// <summary>The images of <c>[agent] image_path</c>: files named by their UUID, in lower case with hyphens.</summary>
internal sealed class ImageFolder(string? folder)
{
    /// <summary>Path of an image.</summary>
    /// <exception cref="FaultException">There is no such file, or it is a link.</exception>
    public string Find(Guid image)
    {
        if (folder is null)
            throw new FaultException(
                FaultCode.ImageNotFound, $"Image {image} could not be found: the host has no folder of images ([agent] image_path).");
        // A link could lead out of the folder, to whatever the agent can read.
        var file = new FileInfo(Path.Combine(folder, image.ToString("D")));
        return file.Exists && file.LinkTarget is null
            ? file.FullName
            : throw new FaultException(FaultCode.ImageNotFound, $"Image {image} could not be found.");
    }
}
