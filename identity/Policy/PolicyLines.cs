using System.Buffers;
using System.IO.Pipelines;

namespace Cyborg.Identity.Policy;

/// <summary>Lines of bytes from a stream of any length, in bounded memory.</summary>
internal sealed class PolicyLines(Stream stream, int maxLength) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
    private bool _isTooLong;

    /// <summary>The line that was read last, without its end; empty if it was too long.</summary>
    public byte[] Line { get; private set; } = [];

    /// <summary>True if the line was longer than the bound.</summary>
    public bool WasTooLong { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="beforeWaiting">Called when the next line is not there yet.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> NextAsync(Func<Task> beforeWaiting, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_reader.TryRead(out var read))
            {
                await beforeWaiting().ConfigureAwait(false);
                read = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            var bytes = read.Buffer;
            if (bytes.PositionOf((byte)'\n') is { } end)
            {
                Take(bytes.Slice(0, end));
                _reader.AdvanceTo(bytes.GetPosition(1, end));
                return true;
            }
            if (read.IsCompleted)
            {
                var isLast = bytes.Length > 0 || _isTooLong;
                Take(bytes);
                _reader.AdvanceTo(bytes.End);
                return isLast;
            }
            // The rest of a line that is too long is let go as it comes.
            _isTooLong |= bytes.Length > maxLength;
            _reader.AdvanceTo(_isTooLong ? bytes.End : bytes.Start, bytes.End);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private void Take(ReadOnlySequence<byte> line)
    {
        WasTooLong = _isTooLong || line.Length > maxLength;
        Line = WasTooLong ? [] : line.ToArray();
        _isTooLong = false;
    }
}
