using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Images;

/// <summary>The folder of images that are being fetched or programmed. Nothing in it outlives its use: what a process that died has left is deleted by
/// the next start.</summary>
internal sealed class ImageFiles(string folder, ILogger log)
{
    /// <summary>Deletes what a former start has left. To be called while the agent's folder is held.</summary>
    public void Clear()
    {
        try
        {
            if (!Directory.Exists(folder))
                return;
            var left = Directory.GetFiles(folder);
            foreach (var file in left)
                File.Delete(file);
            if (left.Length > 0)
                Log.ImagesCleared(log, left.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.ImagesNotCleared(log, error, folder);
        }
    }

    /// <summary>A name for a new image.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Unavailable"/>: the folder cannot be made.</exception>
    public string NewPath(Guid image)
    {
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Path.Combine(folder, $"{image}-{Guid.NewGuid():N}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(error);
        }
    }

    /// <summary>Deletes an image that is not needed any more.</summary>
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.ImagesNotCleared(log, error, path);
        }
    }

    /// <summary>A new file that only its owner may read.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Options = FileOptions.Asynchronous,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    /// <summary>What a disk that is full or broken means to the caller.</summary>
    public static FaultException Unwritable(Exception error) =>
        new(FaultCode.Unavailable, "The agent cannot write the image to its disk.", error);
}
