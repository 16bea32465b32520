using System.Buffers.Binary;

namespace Cyborg.Messaging;

/// <summary>What a frame is for.</summary>
internal enum FrameKind : byte
{
    /// <summary>Begin of a call, often all of it.</summary>
    Call = 1,
    /// <summary>Begin of a reply or fault, often all of it.</summary>
    Reply = 2,
    /// <summary>Next part of a split call or reply.</summary>
    Part = 3,
    /// <summary>A receiver's leave to send the parts below <see cref="Frame.Sequence"/> to the frame's reply address.</summary>
    Credit = 4,
    /// <summary>A receiver wants no more parts.</summary>
    Stop = 5,
}

/// <summary>Whether bytes are a frame.</summary>
internal enum FrameCheck
{
    /// <summary>A frame of this contract.</summary>
    Good,
    /// <summary>No frame at all.</summary>
    Malformed,
    /// <summary>A frame of another contract version.</summary>
    OtherVersion,
}

/// <summary>One transport message of the call layer. Layout, numbers little-endian:
/// <code>
/// 0  2  magic C7 42; these and the version stay in every version of the contract
/// 2  1  contract version
/// 3  1  kind
/// 4  1  flags: 1 = the last frame of its message; others are zero
/// 5  3  reserved, zero
/// 8  4  sequence: 0 in the first frame of a message, then 1, 2, ...; in a credit the first number that may not be sent yet
/// 12 4  length of the header
/// 16    header: JSON of an EnvelopeHeader in the first frame of a message, else empty; then the body's bytes as they are
/// </code></summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Last">True in the last frame of a message.</param>
/// <param name="Sequence">Its place in the message.</param>
/// <param name="Header">The header's bytes.</param>
/// <param name="Body">The body's bytes.</param>
internal readonly record struct Frame(FrameKind Kind, bool Last, int Sequence, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Body)
{
    /// <summary>The contract this code speaks. A changed meaning of existing bytes or fields is a new version; a new optional field is not.</summary>
    public const byte Version = 1;

    /// <summary>Bytes before the header.</summary>
    public const int PrefixLength = 16;

    private const byte FirstMagic = 0xC7;
    private const byte SecondMagic = 0x42;
    private const byte LastFlag = 1;

    /// <summary>Bytes of the whole frame.</summary>
    public int Length => PrefixLength + Header.Length + Body.Length;

    /// <summary>Writes the frame to the begin of <paramref name="target"/>, which must have <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        target[..PrefixLength].Clear();
        target[0] = FirstMagic;
        target[1] = SecondMagic;
        target[2] = Version;
        target[3] = (byte)Kind;
        target[4] = Last ? LastFlag : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], Header.Length);
        Header.Span.CopyTo(target[PrefixLength..]);
        Body.Span.CopyTo(target[(PrefixLength + Header.Length)..]);
    }

    /// <summary>The frame's bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Write(bytes);
        return bytes;
    }

    /// <summary>Reads a frame; its parts refer to <paramref name="bytes"/>. Never throws, whatever the bytes are.</summary>
    public static FrameCheck Read(ReadOnlyMemory<byte> bytes, out Frame frame)
    {
        frame = default;
        var span = bytes.Span;
        if (span.Length < 3 || span[0] != FirstMagic || span[1] != SecondMagic)
            return FrameCheck.Malformed;
        if (span[2] != Version)
            return FrameCheck.OtherVersion;
        if (span.Length < PrefixLength || span[3] is < (byte)FrameKind.Call or > (byte)FrameKind.Stop || span[4] > LastFlag)
            return FrameCheck.Malformed;
        var sequence = BinaryPrimitives.ReadInt32LittleEndian(span[8..]);
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        if (sequence < 0 || headerLength < 0 || headerLength > span.Length - PrefixLength)
            return FrameCheck.Malformed;
        frame = new Frame(
            (FrameKind)span[3],
            span[4] == LastFlag,
            sequence,
            bytes.Slice(PrefixLength, headerLength),
            bytes[(PrefixLength + headerLength)..]);
        return FrameCheck.Good;
    }

    /// <summary>The text of the fault that answers bytes which are no frame of this contract.</summary>
    public static string Complaint(FrameCheck check) => check == FrameCheck.OtherVersion
        ? $"The peer speaks another contract than version {Version}."
        : "The message is malformed.";
}
