using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Random questions, answered by us and by Debian's python3-oslo.policy where it is installed.</summary>
public sealed class OsloPolicyTests(ITestOutputHelper output)
{
    private const string Python = "/usr/bin/python3";
    private const int Questions = 3000;

    [Fact]
    public async Task What_is_written_well_means_the_same()
    {
        var different = (await CompareAsync(isTidy: true)).Where(line => line.Oslo == "true" != line.Ours).ToList();
        Assert.True(different.Count == 0, string.Join('\n', different.Take(10)));
    }

    [Fact]
    public async Task Nothing_lets_in_whom_oslo_does_not()
    {
        var open = (await CompareAsync(isTidy: false)).Where(line => line.Ours && line.Oslo != "true").ToList();
        Assert.True(open.Count == 0, string.Join('\n', open.Take(10)));
    }

    private async Task<List<(bool Ours, string Oslo, string Question)>> CompareAsync(bool isTidy)
    {
        if (!File.Exists(Python) || (await RunAsync("-c", "import oslo_policy")).Code != 0)
            Assert.Skip("python3-oslo.policy is not installed");
        var given = Environment.GetEnvironmentVariable("CYBORG_TEST_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CYBORG_TEST_SEED={seed}");
        var questions = new RandomQuestions(new Random(seed), isTidy);
        var lines = Enumerable.Range(0, Questions).Select(_ => questions.Next()).ToList();
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        var oslo = await RunAsync(Path.Combine(AppContext.BaseDirectory, "oslo_answers.py"), file);
        Assert.True(oslo.Code == 0, oslo.Error);
        File.Delete(file);
        var ours = await AnswersAsync(lines);
        var theirs = oslo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((Questions, Questions), (ours.Length, theirs.Length));
        output.WriteLine(string.Join(", ", theirs.Zip(ours).GroupBy(pair => pair).Select(group => $"oslo {group.Key.First}, here {group.Key.Second}: {group.Count()}")));
        // Questions that are all answered alike would prove nothing.
        Assert.InRange(theirs.Count(answer => answer == "true"), Questions / 20, Questions);
        return [.. ours.Zip(theirs, lines).Select(answer => (answer.First == "true", answer.Second, answer.Third))];
    }

    private static async Task<string[]> AnswersAsync(IEnumerable<string> lines)
    {
        using var enforcer = new PolicyEnforcer([], enforceNewDefaults: true);
        using var questions = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        var answers = new StringWriter();
        await PolicyBatch.RunAsync(enforcer, questions, answers, TextWriter.Null, TestContext.Current.CancellationToken);
        return answers.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await text, await error);
    }
}
