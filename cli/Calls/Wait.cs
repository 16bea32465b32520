using System.Globalization;

namespace Cyborg.Cli;

/// <summary>Waits for work that goes on behind the service, for as long as <c>--timeout</c> says.</summary>
internal sealed class Wait(Surroundings surroundings, TimeSpan patience)
{
    private readonly long _began = surroundings.Time.GetTimestamp();

    /// <summary>Looks again and again.</summary>
    /// <param name="look">Looks; null means that it goes on.</param>
    /// <param name="what">For the message: <c>accelerator x is being made</c>.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="CliFault">It takes longer.</exception>
    public async Task<T> UntilAsync<T>(Func<Task<T?>> look, string what, CancellationToken stop) where T : class
    {
        while (true)
        {
            if (await look().ConfigureAwait(false) is { } done)
                return done;
            if (surroundings.Time.GetElapsedTime(_began) + surroundings.Pause >= patience)
                throw CliFault.GoesOn(string.Create(CultureInfo.InvariantCulture, $"{what} still, after {patience.TotalSeconds} s; it goes on"));
            await Task.Delay(surroundings.Pause, surroundings.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a call again and again, as long as the answer is that it goes on. The service joins what is under way.</summary>
    public Task<T> RepeatAsync<T>(Func<Task<T>> call, string what, CancellationToken stop) where T : class =>
        UntilAsync<T>(
            async () =>
            {
                try
                {
                    return await call().ConfigureAwait(false);
                }
                catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn)
                {
                    return null;
                }
            },
            what, stop);
}
