using System.Globalization;

namespace Cyborg.Identity.Session;

/// <summary>One attempt of a call, within its time limit: reads the answer to its end, or, where it is streamed, puts an idle limit on it. Every
/// failure but the caller's giving up is a <see cref="ServiceCallException"/>.</summary>
internal sealed class AttemptHandler(KeystoneSessionOptions options, TimeProvider time, bool streams) : DelegatingHandler
{
    /// <summary>Longest answer that is read at once, in bytes.</summary>
    public const int MaxAnswer = 16 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var server = request.RequestUri?.Authority ?? "";
        HttpResponseMessage? answer = null;
        try
        {
            answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (streams)
                answer.Content = await IdleLimitAsync(answer.Content, server, cancellationToken).ConfigureAwait(false);
            else
                await answer.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken).ConfigureAwait(false);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer?.Dispose();
            throw new ServiceCallException(ServiceCallFailure.Unavailable, string.Create(
                CultureInfo.InvariantCulture, $"{server} does not answer within {options.ConnectTimeout.TotalSeconds} s."));
        }
        catch (HttpRequestException fault)
        {
            answer?.Dispose();
            throw new ServiceCallException(ServiceCallFailure.Unavailable, $"{server} cannot be called: {fault.HttpRequestError}.", fault);
        }
        catch
        {
            answer?.Dispose();
            throw;
        }
    }

    private async Task<HttpContent> IdleLimitAsync(HttpContent content, string server, CancellationToken stop)
    {
        var body = await content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var limited = new StreamContent(new IdleLimitedStream(body, server, options.Timeout, time));
        foreach (var (name, values) in content.Headers)
            limited.Headers.TryAddWithoutValidation(name, values);
        return limited;
    }
}
