using Cyborg.Identity.Session;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Images;

/// <summary>An image on this host's disk.</summary>
/// <param name="Path">The file.</param>
/// <param name="Image">The image.</param>
/// <param name="Function">Its function; null if it does not tell one.</param>
internal sealed record LocalImage(string Path, Guid Image, string? Function);

/// <summary>Where images come from, in this order: the folder <c>[agent] image_path</c>, which needs no network and is an operator's own, then the image
/// service of <c>[glance]</c>. A function is known to the image service alone.</summary>
internal sealed class ImageSource : IDisposable
{
    private readonly ImageFolder _folder;
    private readonly ImageFiles _files;
    private readonly KeystoneSession? _session;
    private readonly Glance? _glance;
    private readonly int _retries;
    private readonly ILogger _log;

    /// <summary>Nothing is asked or written yet.</summary>
    public ImageSource(AgentOptions options, ILoggerFactory logs, ILogger log, TimeProvider time)
    {
        _folder = new ImageFolder(options.ImagePath);
        _files = new ImageFiles(Path.Combine(options.StateFolder, "images"), log);
        _session = options.Images.Glance is { } login ? new KeystoneSession(login, logs, time) : null;
        _glance = _session is null ? null : new Glance(_session, options.Images.MaxBytes);
        (_retries, _log) = (options.Images.Retries, log);
    }

    /// <summary>Deletes what a former start has left.</summary>
    public void Clear() => _files.Clear();

    /// <summary>Has <paramref name="use"/> use the image, and deletes it afterwards if it was fetched.</summary>
    /// <param name="wish">The image.</param>
    /// <param name="use">What is done with it.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="FaultException">There is no such image, or it cannot be used, or it cannot be had now.</exception>
    public async Task<T> UseAsync<T>(ImageWish wish, Func<LocalImage, Task<T>> use, CancellationToken stop)
    {
        if (wish.Image is { } uuid && _folder.Find(uuid) is { } path)
            return await use(new LocalImage(path, uuid, Function: null)).ConfigureAwait(false);
        if (_glance is null)
            throw NoService(wish);
        for (var tries = 0; ; tries++)
        {
            var image = await _glance.FindAsync(wish, stop).ConfigureAwait(false);
            var file = _files.NewPath(image.Id);
            try
            {
                if (await FetchedAsync(image, file, last: tries >= _retries, stop).ConfigureAwait(false))
                    return await use(new LocalImage(file, image.Id, image.Function)).ConfigureAwait(false);
            }
            finally
            {
                _files.Delete(file);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _session?.Dispose();

    private async Task<bool> FetchedAsync(GlanceImage image, string file, bool last, CancellationToken stop)
    {
        try
        {
            await _glance!.DownloadAsync(image, file, stop).ConfigureAwait(false);
            Log.ImageFetched(_log, image.Id, image.Size ?? 0);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImageFiles.Unwritable(error);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.Unavailable && !last)
        {
            Log.ImageFetchedAgain(_log, image.Id, fault.Message);
            return false;
        }
    }

    private FaultException NoService(ImageWish wish)
    {
        var where = _folder.IsThere ? "the host's folder of images ([agent] image_path) does not have it" : "the host has no folder of images ([agent] image_path)";
        var text = wish.Image is { } uuid
            ? $"Image {uuid} could not be found: {where}, and no image service ([glance])."
            : $"An image of function {wish.Function} could not be found: the host has no image service ([glance]).";
        return new FaultException(FaultCode.ImageNotFound, text);
    }
}
