using Cyborg.Hosting.Doctor;

namespace Cyborg.Hosting;

/// <summary>Makes checks of the doctor lines of the health check. A doctor's check may log in at Keystone or ask another service, which is too much for each
/// request of a load balancer: its answer is kept for some seconds, and one is asked for at a time. Strangers are not told what it found in words.</summary>
public static class HealthFromDoctor
{
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(15);

    /// <summary>Adds a check under its name in lower case.</summary>
    /// <param name="health">The checks of the process.</param>
    /// <param name="check">The doctor's.</param>
    /// <param name="time">The clock.</param>
    public static void Register(this HealthRegistry health, DoctorCheck check, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(health);
        ArgumentNullException.ThrowIfNull(check);
        var kept = new Kept(check, time);
        health.Register(check.Name.ToLowerInvariant(), async stop => await kept.AskAsync(stop).ConfigureAwait(false));
    }

    private sealed class Kept(DoctorCheck check, TimeProvider time)
    {
        private const string Bad = "does not serve as it should; the doctor of this service says more";

        private readonly Lock _turn = new();
        private Task<string?>? _answer;
        private long _asked;

        public Task<string?> AskAsync(CancellationToken stop)
        {
            lock (_turn)
            {
                if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_asked) >= Keep))
                    (_answer, _asked) = (Task.Run(LookAsync, CancellationToken.None), time.GetTimestamp());
                // Whoever gives up waiting leaves the question to the next one.
                return _answer.WaitAsync(stop);
            }
        }

        private async Task<string?> LookAsync()
        {
            try
            {
                var finding = await check.Look(CancellationToken.None).ConfigureAwait(false);
                return finding.Verdict == DoctorVerdict.Failure ? Bad : null;
            }
            catch (Exception error)
            {
                return error.GetType().Name;
            }
        }
    }
}
