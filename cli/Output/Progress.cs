using Spectre.Console;

namespace Cyborg.Cli;

/// <summary>Tells a person that something is going on: on standard error, if that is a terminal, and only when it takes a while.</summary>
internal static class Progress
{
    private static readonly TimeSpan Unnoticed = TimeSpan.FromMilliseconds(400);

    /// <summary>Does the work.</summary>
    public static async Task<T> DuringAsync<T>(Surroundings surroundings, string doing, Func<Task<T>> work)
    {
        var task = work();
        if (!surroundings.ErrorIsTerminal)
            return await task.ConfigureAwait(false);
        using var soon = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(Unnoticed, surroundings.Time, soon.Token)).ConfigureAwait(false);
        await soon.CancelAsync().ConfigureAwait(false);
        if (task.IsCompleted)
            return await task.ConfigureAwait(false);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Error) });
        return await console.Status().StartAsync($"{Markup.Escape(doing)} ...", _ => task).ConfigureAwait(false);
    }
}
