using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Cyborg.Identity.Session;
using Cyborg.Model;

namespace Cyborg.Agent.Images;

/// <summary>The image service (Glance v2), read with the agent's own log-in. Each answer becomes an image or a fault: <see cref="FaultCode.ImageNotFound"/>,
/// <see cref="FaultCode.ImageUnusable"/>, or <see cref="FaultCode.Unavailable"/> for what may pass.</summary>
internal sealed class Glance(KeystoneSession session, long maxBytes)
{
    // One more than may be there is enough to know.
    private const int MostCandidates = 16;

    /// <summary>The image that is wished for, fit for use.</summary>
    /// <exception cref="FaultException">There is none, or more than one, or it cannot be used, or nobody can tell.</exception>
    public async Task<GlanceImage> FindAsync(ImageWish wish, CancellationToken stop)
    {
        var image = wish.Image is { } uuid ? await ShowAsync(uuid, stop).ConfigureAwait(false) : await OfFunctionAsync(wish.Function!, stop).ConfigureAwait(false);
        return image.Fault(maxBytes) is { } fault ? throw Unusable(image.Id, fault) : image;
    }

    /// <summary>Fetches an image into a file, and verifies it.</summary>
    /// <exception cref="FaultException">As <see cref="FindAsync"/>; the file is then of no use.</exception>
    public async Task DownloadAsync(GlanceImage image, string path, CancellationToken stop)
    {
        var (algorithm, expected) = image.Hash() ?? throw Unusable(image.Id, "it has no checksum");
        using var answer = await AskAsync($"/v2/images/{image.Id}/file", streamed: true, stop).ConfigureAwait(false);
        Require(answer, $"Image {image.Id}");
        if (answer.StatusCode == HttpStatusCode.NoContent)
            throw Unusable(image.Id, "it has no data");
        if (answer.Content.Headers.ContentLength > maxBytes)
            throw Unusable(image.Id, $"{answer.Content.Headers.ContentLength} bytes are sent; [agent] max_image_size allows {maxBytes}");
        using var hash = IncrementalHash.CreateHash(algorithm);
        var length = await CopyAsync(answer.Content, path, image, hash, stop).ConfigureAwait(false);
        if (length != image.Size)
            throw new FaultException(FaultCode.Unavailable, $"Image {image.Id} broke off after {length} of {image.Size} bytes.");
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != expected)
            throw Unusable(image.Id, $"its {algorithm} checksum is not that of what was sent");
    }

    private async Task<GlanceImage> ShowAsync(Guid uuid, CancellationToken stop)
    {
        using var answer = await AskAsync($"/v2/images/{uuid}", streamed: false, stop).ConfigureAwait(false);
        Require(answer, $"Image {uuid}");
        using var json = await ReadAsync(answer, stop).ConfigureAwait(false);
        return GlanceImage.Read(json.RootElement) is { } image && image.Id == uuid ? image : throw Nonsense();
    }

    private async Task<GlanceImage> OfFunctionAsync(string function, CancellationToken stop)
    {
        var query = $"/v2/images?{Uri.EscapeDataString(GlanceImage.FunctionProperty)}={Uri.EscapeDataString(function)}&status=active&limit={MostCandidates}";
        using var answer = await AskAsync(query, streamed: false, stop).ConfigureAwait(false);
        Require(answer, $"An image of function {function}");
        using var json = await ReadAsync(answer, stop).ConfigureAwait(false);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("images", out var images) || images.ValueKind != JsonValueKind.Array)
            throw Nonsense();
        // The service may understand the query in its own way: what it gives is compared again.
        List<GlanceImage> found = [.. images.EnumerateArray().Select(GlanceImage.Read).OfType<GlanceImage>().Where(image => image.Function == function && image.Status == "active")];
        return found switch
        {
            [var one] => one,
            [] => throw new FaultException(FaultCode.ImageNotFound, $"No active image has the property {GlanceImage.FunctionProperty}={function}."),
            _ => throw new FaultException(
                FaultCode.ImageUnusable, $"{found.Count} images have the property {GlanceImage.FunctionProperty}={function}; exactly one may."),
        };
    }

    private async Task<HttpResponseMessage> AskAsync(string path, bool streamed, CancellationToken stop)
    {
        try
        {
            return await session.SendAsync(ImageOptions.ServiceType, new ServiceRequest(HttpMethod.Get, path) { Streamed = streamed }, stop).ConfigureAwait(false);
        }
        catch (ServiceCallException error)
        {
            throw new FaultException(FaultCode.Unavailable, $"The image service cannot be asked: {error.Message}", error);
        }
    }

    private static void Require(HttpResponseMessage answer, string what)
    {
        var status = (int)answer.StatusCode;
        if (status is 200 or 204)
            return;
        throw status switch
        {
            404 => new FaultException(FaultCode.ImageNotFound, $"{what} could not be found in the image service."),
            401 or 408 or 429 or < 400 or >= 500 => new FaultException(FaultCode.Unavailable, $"The image service answers {status}."),
            403 => new FaultException(FaultCode.ImageUnusable, $"{what} may not be read by this service: the image service answers 403."),
            _ => new FaultException(FaultCode.ImageUnusable, $"{what} cannot be read: the image service answers {status}."),
        };
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        try
        {
            var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            throw Nonsense();
        }
    }

    private async Task<long> CopyAsync(HttpContent content, string path, GlanceImage image, IncrementalHash hash, CancellationToken stop)
    {
        var most = Math.Min(image.Size ?? maxBytes, maxBytes);
        var buffer = new byte[128 * 1024];
        var file = ImageFiles.Create(path);
        await using (file.ConfigureAwait(false))
        {
            var body = await OpenAsync(content, image.Id, stop).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                for (long length = 0; ;)
                {
                    var read = await ReadAsync(body, buffer, image, length, stop).ConfigureAwait(false);
                    if (read == 0)
                        return length;
                    length += read;
                    if (length > most)
                        throw Unusable(image.Id, $"more than the {most} bytes are sent that it should have");
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), stop).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<Stream> OpenAsync(HttpContent content, Guid image, CancellationToken stop)
    {
        try
        {
            return await content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfTheNetwork(error))
        {
            throw new FaultException(FaultCode.Unavailable, $"Image {image} is not sent.", error);
        }
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, GlanceImage image, long length, CancellationToken stop)
    {
        try
        {
            return await body.ReadAsync(buffer, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfTheNetwork(error))
        {
            throw new FaultException(FaultCode.Unavailable, $"Image {image.Id} broke off after {length} of {image.Size} bytes.", error);
        }
    }

    private static bool IsOfTheNetwork(Exception error) => error is ServiceCallException or HttpRequestException or IOException;

    private static FaultException Unusable(Guid image, string why) => new(FaultCode.ImageUnusable, $"Image {image} cannot be used: {why}.");

    private static FaultException Nonsense() => new(FaultCode.Unavailable, "The image service's answer makes no sense.");
}
