using Cyborg.Model;

namespace Cyborg.Messaging;

/// <summary>One call with all its attempts. Attempts share the ids, and the first answer of any of them counts.</summary>
internal sealed class ClientCall : IDisposable
{
    private readonly BusPeer _peer;
    private readonly Verb _verb;
    private readonly string _subject;
    private readonly CallContext _context;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly Guid _id = Guid.NewGuid();
    private readonly long _started;
    private readonly AnswerBox _answers = new();
    private readonly List<ClientAttempt> _attempts = new(1);
    // Only a split call has something to be ended.
    private CancellationTokenSource? _over;
    private long _lastSign;

    /// <summary>Prepares the call.</summary>
    public ClientCall(BusPeer peer, Verb verb, string subject, CallContext context, ReadOnlyMemory<byte> body)
    {
        (_peer, _verb, _subject, _context, _body) = (peer, verb, subject, context, body);
        _started = peer.Time.GetTimestamp();
    }

    /// <summary>Sends until there is an answer.</summary>
    /// <param name="cancellationToken">Fires at the deadline or when the caller gives up.</param>
    /// <exception cref="FaultException">The server's fault, or the bus's own.</exception>
    public async Task<Received> RunAsync(CancellationToken cancellationToken)
    {
        var (mayBeAccepted, busyRetried) = (false, false);
        while (true)
        {
            await SendAsync(cancellationToken).ConfigureAwait(false);
            var answer = await WaitAsync(cancellationToken).ConfigureAwait(false);
            var step = ResendPolicy.Decide(answer.Outcome, _verb.Mutating, mayBeAccepted, busyRetried);
            if (step == NextStep.ResendAfterAttemptTimeout)
            {
                answer = await WaitAsync(cancellationToken).ConfigureAwait(false);
                step = answer.Outcome is AttemptOutcome.Reply or AttemptOutcome.Fault ? NextStep.End : NextStep.Resend;
            }
            if (step == NextStep.End)
                return answer.Fault is { } fault ? throw fault : answer.Received!;
            if (step == NextStep.ResendAfterBusyDelay)
            {
                busyRetried = true;
                await Task.Delay(_peer.Options.BusyDelay * (0.5 + Random.Shared.NextDouble()), _peer.Time, cancellationToken).ConfigureAwait(false);
            }
            mayBeAccepted |= answer.Outcome == AttemptOutcome.Lost;
            ReportResend(step);
        }
    }

    /// <summary>Ends every attempt.</summary>
    public void Dispose()
    {
        _over?.Cancel();
        _over?.Dispose();
        foreach (var attempt in _attempts)
            attempt.Dispose();
        _answers.Close();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var attempt = new ClientAttempt(_peer, Report);
        _attempts.Add(attempt);
        Report(null);
        var left = _context.TimeLeft - _peer.Time.GetElapsedTime(_started);
        var message = _peer.Prepare(EnvelopeHeader.ForCall(_id, _context, left), _body);
        try
        {
            await _peer.SendFirstAsync(message, FrameKind.Call, _subject, attempt.ReplyTo, cancellationToken).ConfigureAwait(false);
            if (message.IsSplit)
                _ = SendPartsAsync(message, attempt.Gate, (_over ??= new CancellationTokenSource()).Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            ReportUnreachable(exception);
        }
    }

    // Beside the wait for the answer, because a refusal may come before the last part was sent.
    private async Task SendPartsAsync(OutgoingMessage message, CreditGate gate, CancellationToken cancellationToken)
    {
        try
        {
            await _peer.SendPartsAsync(message, gate, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // No credit: the attempt is lost and its wait will end. Cancelled: the call is over.
        }
        catch (Exception exception)
        {
            ReportUnreachable(exception);
        }
    }

    private void ReportUnreachable(Exception exception)
    {
        Log.SendFailed(_peer.Logger, exception, _verb.FullName, _context.RequestId);
        Report(Answer.Of(AttemptOutcome.Unreachable, FaultCode.Unavailable, "The bus can't be reached.", exception));
    }

    private void Report(Answer? answer)
    {
        Volatile.Write(ref _lastSign, _peer.Time.GetTimestamp());
        if (answer is { } real && !_answers.TryPut(real))
            real.Received?.Dispose();
    }

    private async ValueTask<Answer> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var patience = _peer.Options.AttemptTimeout - _peer.Time.GetElapsedTime(Volatile.Read(ref _lastSign));
            if (patience <= TimeSpan.Zero)
            {
                Report(null);
                return new Answer(AttemptOutcome.Lost, null, null);
            }
            if (await _answers.TakeAsync(patience, _peer.Time, cancellationToken).ConfigureAwait(false) is { } answer)
                return answer;
        }
    }

    private void ReportResend(NextStep step)
    {
        var (verb, reason) = (_verb.FullName, step == NextStep.ResendAfterBusyDelay ? "busy" : "lost");
        BusMetrics.Resends.Add(1, BusMetrics.Tag("verb", verb), BusMetrics.Tag("reason", reason));
        Log.Resending(_peer.Logger, verb, reason, _attempts.Count + 1, _context.RequestId);
    }
}
