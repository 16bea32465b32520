namespace Cyborg.Messaging;

/// <summary>Where an assembly stands after a part.</summary>
internal enum AssemblyState
{
    /// <summary>More parts are due.</summary>
    More,
    /// <summary>All are there.</summary>
    Complete,
    /// <summary>A part is missing, doubled, or does not fit: the message is lost.</summary>
    Broken,
}

/// <summary>Puts a split message together; decides only, sends nothing. A message is whole or it is broken, never shorter than its sender
/// said.</summary>
internal sealed class MessageAssembly
{
    private readonly byte[] _buffer;
    private readonly int _window;
    private int _received;
    private int _next = 1;

    /// <summary>Begins with the first frame's bytes.</summary>
    /// <param name="size">Bytes of the whole body, checked against the limit by the caller.</param>
    /// <param name="first">What came with the first frame; shorter than the whole.</param>
    /// <param name="window">Parts that may be under way.</param>
    public MessageAssembly(int size, ReadOnlySpan<byte> first, int window)
    {
        _buffer = GC.AllocateUninitializedArray<byte>(size);
        first.CopyTo(_buffer);
        _received = first.Length;
        _window = window;
        Credit = 1 + window;
    }

    /// <summary>Parts below this number may be sent.</summary>
    public int Credit { get; private set; }

    /// <summary>The body, once <see cref="AssemblyState.Complete"/>.</summary>
    public ReadOnlyMemory<byte> Body => _buffer;

    /// <summary>Takes the next part; the credit rises when half the window is used up.</summary>
    public AssemblyState Accept(in Frame part)
    {
        if (part.Kind != FrameKind.Part || part.Sequence != _next || part.Body.IsEmpty || part.Body.Length > _buffer.Length - _received)
            return AssemblyState.Broken;
        part.Body.Span.CopyTo(_buffer.AsSpan(_received));
        _received += part.Body.Length;
        _next++;
        if (part.Last != (_received == _buffer.Length))
            return AssemblyState.Broken;
        if (Credit - _next <= _window / 2)
            Credit = _next + _window;
        return part.Last ? AssemblyState.Complete : AssemblyState.More;
    }
}
