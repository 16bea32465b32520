using Cyborg.Identity.Keystone;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Cyborg.Identity.Session;

/// <summary>What surrounds each call: attempts, pauses between them, and a time limit for each (Microsoft.Extensions.Http.Resilience).</summary>
internal sealed class ServicePipeline(KeystoneSessionOptions options, ILogger logger, TimeProvider time)
{
    /// <param name="builder">Gets the strategies, the outer one first.</param>
    /// <param name="repeats">True for calls that may be sent again.</param>
    public void Fill(ResiliencePipelineBuilder<HttpResponseMessage> builder, bool repeats)
    {
        builder.TimeProvider = time;
        var attempts = Math.Max(options.Retries, options.StatusRetries);
        if (repeats && attempts > 0)
        {
            builder.AddRetry(new HttpRetryStrategyOptions
            {
                Name = "again",
                MaxRetryAttempts = attempts,
                // A server must not make us wait for as long as it likes.
                ShouldRetryAfterHeader = false,
                ShouldHandle = arguments => ValueTask.FromResult(IsWorthRepeating(arguments.Outcome, arguments.AttemptNumber)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Pause(arguments.Outcome, arguments.AttemptNumber)),
                OnRetry = Told,
            });
        }
        builder.AddTimeout(new HttpTimeoutStrategyOptions { Name = "one attempt", Timeout = options.Timeout });
    }

    /// <summary>The innermost handler of a client.</summary>
    public AttemptHandler NewAttempt(bool streams) => new(options, time, streams);

    private bool IsWorthRepeating(Outcome<HttpResponseMessage> outcome, int attempt) => outcome switch
    {
        { Result.StatusCode: var status } => attempt < options.StatusRetries && options.RetryStatuses.Contains((int)status),
        { Exception: TimeoutRejectedException } => attempt < options.Retries,
        // An answer that is too long will be so again.
        { Exception: ServiceCallException { InnerException: not HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } } } =>
            attempt < options.Retries,
        _ => false,
    };

    // Between a half and the whole: many services that lost the same server must not come back at the same moment.
    private TimeSpan Pause(Outcome<HttpResponseMessage> outcome, int attempt) =>
        (outcome.Exception is null ? options.StatusRetryDelay : options.RetryDelay) * (1 << attempt) * (0.5 + Random.Shared.NextDouble() / 2);

    private ValueTask Told(OnRetryArguments<HttpResponseMessage> arguments)
    {
        if (arguments.Outcome.Result is { } answer)
            KeystoneLog.RetryAfterStatus(logger, answer.RequestMessage?.RequestUri?.Authority ?? "", (int)answer.StatusCode, arguments.AttemptNumber + 1);
        else
            KeystoneLog.RetryAfterFailure(logger, arguments.Outcome.Exception is ServiceCallException known ? known.Message : "None in time.", arguments.AttemptNumber + 1);
        return default;
    }
}
