using System.Diagnostics;
using Cyborg.TestServers;

namespace Cyborg.Crash.Tests;

/// <summary>The executable <c>cyborg-dbsync</c>.</summary>
public sealed class DbSyncTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-dbsync-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Eight_upgrades_at_once_all_succeed_and_one_does_the_work()
    {
        var server = await Servers.RequirePostgresAsync();
        var url = await server.CreateEmptyDatabaseAsync(TestContext.Current.CancellationToken);
        var before = await RunAsync(url, "version");

        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync(url, "upgrade")));

        Assert.Equal((0, "0"), (before.Code, before.Output.Trim()));
        Assert.All(runs, run => Assert.True(run.Code == 0, run.Error));
        Assert.Single(runs, run => run.Error.Contains("brought from version 0 to", StringComparison.Ordinal));
        var after = await RunAsync(url, "version");
        Assert.True(int.Parse(after.Output.Trim(), System.Globalization.CultureInfo.InvariantCulture) >= 2);
        await server.DropDatabaseAsync(url, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("mysql+pymysql://cyborg:secret@db/cyborg", "MySQL")]
    [InlineData("postgresql://cyborg:secret@db", "no database")]
    [InlineData("postgresql://cyborg:secret@db/cyborg?nonsense=1", "argument")]
    public async Task A_bad_url_is_told_in_one_line_without_its_password(string url, string reason)
    {
        var (code, output, error) = await RunAsync(url, "upgrade");
        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains(reason, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string url, string verb)
    {
        var config = Path.Combine(_folder, $"{Guid.NewGuid():N}.conf");
        await File.WriteAllTextAsync(config, $"[database]\nconnection = {url}\n", TestContext.Current.CancellationToken);
        string[] command = [Path.Combine(AppContext.BaseDirectory, "cyborg-dbsync.dll"), "--config-file", config, verb];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var stop = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        await process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromMinutes(5), stop);
        return (process.ExitCode, await output, await error);
    }
}
