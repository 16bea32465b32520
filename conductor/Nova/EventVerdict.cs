using Cyborg.Storage;

namespace Cyborg.Conductor.Nova;

/// <summary>What becomes of a message after Nova's answer.</summary>
internal enum Verdict
{
    /// <summary>Nova has it, or will never want it.</summary>
    Done,
    /// <summary>Nova refused it for good, which nobody expects: done, and logged.</summary>
    Refused,
    /// <summary>To be sent again.</summary>
    Again,
}

/// <summary>Judges Nova's answers. A pure function of the message and the answer.</summary>
/// <remarks>Nova hears an event only while its compute service waits for it, and takes an early BindFailed for a success. So <c>failed</c> is
/// sent again and again until Nova unbinds the request or the time is up, whatever Nova answers; <c>completed</c> is found by Nova's own look if
/// the event came too early (422).</remarks>
internal static class EventVerdict
{
    public static Verdict Of(NovaEvent row, NovaReply reply)
    {
        var code = reply.Codes.TryGetValue(row.ArqUuid, out var own) ? own : reply.Status;
        return code switch
        {
            404 when reply.Status is 404 or 207 => Verdict.Done, // No such instance: it will never want to know.
            400 when reply.Status == 207 => Verdict.Refused,
            >= 200 and < 300 or 422 when reply.Status is 200 or 207 => row.Status == NovaEventStore.Failed ? Verdict.Again : Verdict.Done,
            _ => Verdict.Again,
        };
    }

    /// <summary>Seconds until the next try: 1, 2, 4, 8, then 10.</summary>
    public static double Delay(int attempts) => Math.Min(Math.Pow(2, Math.Min(attempts, 10)), 10);
}
