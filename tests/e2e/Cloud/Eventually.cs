using System.Diagnostics;

namespace Cyborg.E2E.Tests;

/// <summary>Asks again and again until the answer is as wanted, or patience ends.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for an answer, and fails the test with the last one that it saw.</summary>
    /// <param name="what">A sentence: what is waited for.</param>
    /// <param name="patience">How long.</param>
    /// <param name="ask">Asks. A service that does not answer is asked again.</param>
    /// <param name="wanted">True of the answer that is waited for.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<T> IsAsync<T>(string what, TimeSpan patience, Func<CancellationToken, Task<T>> ask, Func<T, bool> wanted, CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            string seen;
            try
            {
                var answer = await ask(stop);
                if (wanted(answer)) return answer;
                seen = Show(answer);
            }
            catch (HttpRequestException error)
            {
                seen = error.Message;
            }
            if (Stopwatch.GetElapsedTime(since) > patience) Assert.Fail($"not within {patience.TotalSeconds} s: {what}; last seen: {seen}");
            await Task.Delay(s_pause, stop);
        }
    }

    private static string Show<T>(T answer) =>
        answer is not string && answer is System.Collections.IEnumerable items ? $"[{string.Join(", ", items.Cast<object?>())}]" : $"{answer}";
}
