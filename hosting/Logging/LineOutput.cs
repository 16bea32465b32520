namespace Cyborg.Hosting;

/// <summary>Lines on their way out. Who logs does not wait for the write: lines that come while one is under way, or shortly after, go out together with the
/// next, so that a busy service makes few writes and an idle one writes at once. Warnings and worse are out when their call returns, and so is everything when
/// the process ends in order.</summary>
internal sealed class LineOutput : IDisposable
{
    /// <summary>Characters that wait at most; who comes then writes them itself, since lines are made faster than they go out.</summary>
    private const int MaxWaiting = 1024 * 1024;

    /// <summary>How long lines gather after a write before the next. To wake the writer for each line would cost as much as all else that a line costs.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly TextWriter _output;
    private readonly bool _waits;
    private readonly Lock _lines = new();
    private readonly Lock _writes = new();
    private readonly SemaphoreSlim _some = new(0);
    private LineBuffer _waiting = new();
    private LineBuffer _spare = new();
    private bool _isAwake;
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
    public void Add(ReadOnlySpan<char> lines, bool urgent)
    {
        bool write, wake;
        lock (_lines)
        {
            _waiting.Append(lines);
            write = urgent || !_waits || _closed || _waiting.Length > MaxWaiting;
            wake = !write && !_isAwake;
            _isAwake |= wake;
        }
        if (write)
            Write();
        else if (wake)
            _some.Release();
    }

    /// <summary>Writes what waits; later lines are written at once.</summary>
    public void Dispose()
    {
        _closed = true;
        AppDomain.CurrentDomain.ProcessExit -= AtExit;
        Write();
        _some.Release();
    }

    private void AtExit(object? sender, EventArgs e) => Dispose();

    private void WriteOn()
    {
        while (!_closed)
        {
            _some.Wait();
            do
            {
                Write();
                Thread.Sleep(Gathering);
            }
            while (!_closed && StaysAwake());
        }
    }

    private bool StaysAwake()
    {
        lock (_lines)
            return _isAwake = _waiting.Length > 0;
    }

    private void Write()
    {
        // The order of the lines is that in which they came: who takes them writes them before another takes more.
        lock (_writes)
        {
            LineBuffer lines;
            lock (_lines)
            {
                if (_waiting.Length == 0)
                    return;
                (lines, _waiting) = (_waiting, _spare);
            }
            try
            {
                _output.Write(lines.Text);
                _output.Flush();
            }
            catch (IOException)
            {
                // A closed or full standard error must not stop the service.
            }
            finally
            {
                lines.Clear();
                _spare = lines;
            }
        }
    }
}
