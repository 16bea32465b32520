namespace Cyborg.Crash.Tests;

/// <summary>Waits for what real processes bring about. The patience is for a machine that stalls, not for the service; who waits in vain sees the ends of
/// the logs.</summary>
internal static class CloudWaiting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until a query finds something; its first value.</summary>
    /// <param name="cloud">Whose database.</param>
    /// <param name="sql">The query; its first column is text.</param>
    /// <param name="logs">Processes whose logs tell why it does not.</param>
    public static Task<string> UntilAsync(this Cloud cloud, string sql, params IReadOnlyList<string> logs) =>
        cloud.UntilAsync(() => cloud.OneAsync(sql), sql, logs);

    /// <summary>Waits until a process's log has a text, in any case.</summary>
    /// <param name="cloud">Whose process.</param>
    /// <param name="name">The process, which has been started: <c>conductor-1</c>.</param>
    /// <param name="text">The text.</param>
    public static Task UntilLogSaysAsync(this Cloud cloud, string name, string text) => cloud.UntilAsync(
        async () =>
        {
            var said = await File.ReadAllTextAsync(Path.Combine(cloud.Folder, $"{name}.log"), TestContext.Current.CancellationToken);
            return said.Contains(text, StringComparison.OrdinalIgnoreCase) ? "" : null;
        },
        $"{name} says '{text}'",
        [name]);

    /// <summary>Waits until a look finds something; what it finds.</summary>
    /// <param name="cloud">Where.</param>
    /// <param name="look">Null while there is nothing.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="logs">Processes whose logs tell why it does not come.</param>
    public static async Task<string> UntilAsync(this Cloud cloud, Func<Task<string?>> look, string what, IReadOnlyList<string> logs)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (true)
        {
            // Looked at once more when the time is over: the test itself may have stood still.
            var last = patience.IsCancellationRequested;
            if (await look() is { } found) return found;
            if (last) Assert.Fail($"not within {s_patience.TotalSeconds} s: {what}{string.Concat(await Task.WhenAll(logs.Select(cloud.TailAsync)))}");
            await Task.Delay(s_pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The first value that a query finds; null if there is none.</summary>
    public static async Task<string?> OneAsync(this Cloud cloud, string sql)
    {
        await using var connection = await cloud.ConnectAsync(TestContext.Current.CancellationToken);
        return (await connection.TextsAsync(sql, TestContext.Current.CancellationToken)).FirstOrDefault();
    }
}
