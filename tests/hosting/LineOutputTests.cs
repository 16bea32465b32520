using System.Globalization;

namespace Cyborg.Hosting.Tests;

public sealed class LineOutputTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_of_many_come_whole_and_in_the_order_of_each()
    {
        using var output = new StringWriter();
        using (var lines = new LineOutput(output, waits: true))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(one => Task.Run(
                () =>
                {
                    for (var n = 0; n < 500; n++)
                        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{one} {n}\n"), urgent: n % 100 == 0);
                },
                Stop)));
        }
        var written = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4000, written.Length);
        foreach (var own in written.Select(line => line.Split(' ')).GroupBy(words => words[0], words => int.Parse(words[1], CultureInfo.InvariantCulture)))
            Assert.Equal(Enumerable.Range(0, 500), own);
    }

    [Fact]
    public async Task A_line_that_is_not_urgent_goes_out_by_itself()
    {
        using var output = new GatedWriter();
        using var lines = new LineOutput(output, waits: true);
        lines.Add("quiet\n", urgent: false);
        await output.Written.Task.WaitAsync(Stop);
        output.Gate.Set();
    }

    [Fact]
    public async Task Who_logs_does_not_wait_for_a_slow_write_but_an_urgent_line_does()
    {
        using var output = new GatedWriter();
        using var lines = new LineOutput(output, waits: true);
        lines.Add("first\n", urgent: false);
        await output.Written.Task.WaitAsync(Stop);
        lines.Add("second\n", urgent: false);
        var urgent = Task.Run(() => lines.Add("third\n", urgent: true), Stop);
        Assert.False(urgent.IsCompleted);
        output.Gate.Set();
        await urgent;
        Assert.Equal("first\nsecond\nthird\n", output.Text);
    }

    [Fact]
    public async Task Lines_that_come_while_one_is_written_go_out_together()
    {
        using var output = new GatedWriter();
        using var lines = new LineOutput(output, waits: true);
        lines.Add("0\n", urgent: false);
        await output.Written.Task.WaitAsync(Stop);
        for (var n = 1; n < 1000; n++)
            lines.Add("more\n", urgent: false);
        output.Gate.Set();
        lines.Add("last\n", urgent: true);
        Assert.EndsWith("last\n", output.Text, StringComparison.Ordinal);
        Assert.InRange(output.Writes, 2, 3);
    }

    [Fact]
    public void A_line_longer_than_all_that_is_kept_comes_whole()
    {
        using var output = new StringWriter();
        using var lines = new LineOutput(output, waits: true);
        var text = new string('x', 300_000) + '\n';
        lines.Add(text, urgent: true);
        lines.Add("next\n", urgent: true);
        Assert.Equal(text + "next\n", output.ToString());
    }

    [Fact]
    public void An_urgent_line_takes_along_what_waits()
    {
        using var output = new StringWriter();
        using var lines = new LineOutput(output, waits: true);
        lines.Add("a\n", urgent: false);
        lines.Add("b\n", urgent: true);
        Assert.Equal("a\nb\n", output.ToString());
    }

    [Fact]
    public void What_comes_after_the_end_goes_out_at_once()
    {
        using var output = new StringWriter();
        var lines = new LineOutput(output, waits: true);
        lines.Add("a\n", urgent: false);
        lines.Dispose();
        Assert.Equal("a\n", output.ToString());
        lines.Add("b\n", urgent: false);
        Assert.Equal("a\nb\n", output.ToString());
    }

    [Fact]
    public void A_broken_output_is_no_concern_of_who_logs()
    {
        using var output = new BrokenWriter();
        using var lines = new LineOutput(output, waits: false);
        lines.Add("a\n", urgent: true);
    }

    /// <summary>Its writes wait for a gate.</summary>
    private sealed class GatedWriter : StringWriter
    {
        private readonly Lock _turn = new();

        public ManualResetEventSlim Gate { get; } = new();
        public int Writes { get; private set; }
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text
        {
            get
            {
                lock (_turn)
                    return ToString();
            }
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Written.TrySetResult();
            Gate.Wait(TimeSpan.FromSeconds(30));
            Writes++;
            lock (_turn)
                base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            Gate.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void Write(ReadOnlySpan<char> buffer) => throw new IOException("gone");
    }
}
