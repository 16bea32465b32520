using System.Text.Json;
using Cyborg.Hosting.Doctor;

namespace Cyborg.Hosting.Tests;

public sealed class DoctorPageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_has_a_line_for_each_check_with_its_remedy()
    {
        var page = await AskAsync(
            Check("configuration", DoctorFinding.Ok("fine")),
            Check("bus", DoctorFinding.Failure("is away", "Start it.")),
            Check("clock", DoctorFinding.Warning("is late", "Set it.")),
            Check("other", DoctorFinding.Skipped("not in use")));
        Assert.Equal(2, page.ExitCode);
        Assert.Equal(
            """
            cyborg-test on node-1, 2026-11-22 14:00:00Z
            ok    configuration          fine
            FAIL  bus                    is away
                                         -> Start it.
            WARN  clock                  is late
                                         -> Set it.
            -     other                  not in use
            4 checks: 1 ok, 1 to look at, 1 failed, 1 not asked

            """.ReplaceLineEndings("\n"),
            page.ToText());
    }

    [Fact]
    public async Task The_page_for_programs_says_the_same()
    {
        var page = await AskAsync(Check("clock", DoctorFinding.Warning("is \"late\"", "Set it.")), Check("bus", DoctorFinding.Ok("fine")));
        using var document = JsonDocument.Parse(page.ToJson());
        var root = document.RootElement;
        Assert.Equal(("cyborg-test", "node-1", "2026-11-22T14:00:00Z", 1),
            (root.GetProperty("program").GetString(), root.GetProperty("host").GetString(), root.GetProperty("time").GetString(), root.GetProperty("exit_code").GetInt32()));
        Assert.Equal(
            ["clock|warning|is \"late\"|Set it.", "bus|ok|fine|"],
            root.GetProperty("checks").EnumerateArray().Select(check => string.Join('|', check.EnumerateObject().Select(member => member.Value.GetString()))));
    }

    [Fact]
    public async Task The_worst_line_decides_the_exit_code()
    {
        Assert.Equal(0, (await AskAsync()).ExitCode);
        Assert.Equal(0, (await AskAsync(Check("a", DoctorFinding.Skipped("x")), Check("b", DoctorFinding.Ok("x")))).ExitCode);
        Assert.Equal(1, (await AskAsync(Check("a", DoctorFinding.Warning("x", "y")), Check("b", DoctorFinding.Ok("x")))).ExitCode);
    }

    [Fact]
    public async Task A_check_that_breaks_shows_the_kind_of_its_exception_alone()
    {
        var page = await AskAsync(new DoctorCheck("a", _ => throw new InvalidOperationException("password=hunter2")));
        Assert.Equal(2, page.ExitCode);
        Assert.Contains("InvalidOperationException", page.ToText(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", page.ToText() + page.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_check_has_a_time_limit_whether_it_heeds_it_or_not(bool heeds)
    {
        using var end = new ManualResetEventSlim();
        var silent = new DoctorCheck("silent", async stop =>
        {
            if (heeds)
                await Task.Delay(Timeout.Infinite, stop);
            else
                end.Wait(CancellationToken.None);
            return DoctorFinding.Ok("late");
        })
        {
            WhenSilent = "Wake it.",
        };
        var time = new HeldLimits();
        var asked = DoctorPage.AskAsync("cyborg-test", "node-1", [silent, Check("other", DoctorFinding.Ok("fine"))], TimeSpan.FromSeconds(2.5), time, Token);
        // That of the first check alone: the other has all the time that it needs.
        time.End(0);
        var page = await asked;
        end.Set();
        Assert.Equal([DoctorFinding.Failure("no answer within 2.5 s", "Wake it."), DoctorFinding.Ok("fine")], page.Lines.Select(line => line.Finding));
    }

    private static DoctorCheck Check(string name, DoctorFinding finding) => new(name, _ => Task.FromResult(finding));

    private static Task<DoctorPage> AskAsync(params DoctorCheck[] checks) =>
        DoctorPage.AskAsync("cyborg-test", "node-1", checks, TimeSpan.FromMinutes(10), new Fixed(), Token);

    /// <summary>Limits that end when the test says so.</summary>
    private sealed class HeldLimits : TimeProvider
    {
        private readonly List<Action> _ends = [];

        public void End(int limit) => _ends[limit]();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ends.Add(() => callback(state));
            return new Held();
        }

        private sealed class Held : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Fixed : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 22, 14, 0, 0, TimeSpan.Zero);
    }
}
