namespace Cyborg.Messaging;

/// <summary>Bounds the bytes that split messages hold at one end.</summary>
/// <param name="limit">Bytes.</param>
internal sealed class MemoryBudget(long limit)
{
    private long _used;

    /// <summary>Bytes taken now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes bytes until the result is disposed; null if there are not so many left.</summary>
    public Reservation? TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
            return new Reservation(this, bytes);
        Interlocked.Add(ref _used, -bytes);
        return null;
    }

    /// <summary>Bytes taken; dispose gives them back, once.</summary>
    internal sealed class Reservation(MemoryBudget owner, long bytes) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Interlocked.Add(ref owner._used, -bytes);
        }
    }
}

/// <summary>A whole body as it arrived; dispose it when it was read, which lets go of its memory.</summary>
/// <param name="body">Its bytes.</param>
/// <param name="reservation">What it takes of the budget; null for a body of one frame.</param>
internal sealed class Received(ReadOnlyMemory<byte> body, MemoryBudget.Reservation? reservation) : IDisposable
{
    /// <summary>Its bytes; none once disposed.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; } = body;

    public void Dispose()
    {
        Body = default;
        reservation?.Dispose();
    }
}
