namespace Cyborg.Hosting;

/// <summary>Lines on their way out. Who logs does not wait for the write: lines that come while one is under way go out together with the next, so that a busy
/// service makes few writes and an idle one writes at once. Warnings and worse are out when their call returns, and so is everything when the process ends in
/// order.</summary>
internal sealed class LineOutput : IDisposable
{
    /// <summary>Characters that wait at most; who comes then writes them itself, since lines are made faster than they go out.</summary>
    private const int MaxWaiting = 1024 * 1024;

    private readonly TextWriter _output;
    private readonly bool _waits;
    private readonly Lock _lines = new();
    private readonly Lock _writes = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private List<string> _waiting = [];
    private int _characters;
    private volatile bool _closed;

    /// <summary>Lines to a writer.</summary>
    /// <param name="output">The writer; stays the caller's.</param>
    /// <param name="waits">False to have each line out when its call returns.</param>
    public LineOutput(TextWriter output, bool waits)
    {
        (_output, _waits) = (output, waits);
        if (!waits)
            return;
        AppDomain.CurrentDomain.ProcessExit += AtExit;
        new Thread(WriteOn) { IsBackground = true, Name = "log" }.Start();
    }

    /// <summary>Takes lines, with their line ends.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="urgent">True to have them out when this returns.</param>
    public void Add(string lines, bool urgent)
    {
        bool write, wake;
        lock (_lines)
        {
            _waiting.Add(lines);
            _characters += lines.Length;
            write = urgent || !_waits || _closed || _characters > MaxWaiting;
            wake = _waiting.Count == 1;
        }
        if (write)
            Write();
        else if (wake)
            Wake();
    }

    /// <summary>Writes what waits; later lines are written at once.</summary>
    public void Dispose()
    {
        _closed = true;
        AppDomain.CurrentDomain.ProcessExit -= AtExit;
        Write();
        Wake();
    }

    private void AtExit(object? sender, EventArgs e) => Dispose();

    private void Wake()
    {
        lock (_some)
        {
            if (_some.CurrentCount == 0)
                _some.Release();
        }
    }

    private void WriteOn()
    {
        while (!_closed)
        {
            _some.Wait();
            Write();
        }
    }

    private void Write()
    {
        // The order of the lines is that in which they came: who takes them writes them before another takes more.
        lock (_writes)
        {
            List<string> lines;
            lock (_lines)
            {
                (lines, _waiting) = (_waiting, []);
                _characters = 0;
            }
            if (lines.Count == 0)
                return;
            try
            {
                _output.Write(lines.Count == 1 ? lines[0] : string.Concat(lines));
                _output.Flush();
            }
            catch (IOException)
            {
                // A closed or full standard error must not stop the service.
            }
        }
    }
}
