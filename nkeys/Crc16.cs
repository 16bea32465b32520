namespace NATS.NKeys;

/// <summary>The checksum of keys: CRC-16/XMODEM, polynomial 0x1021, start 0.</summary>
internal static class Crc16
{
    private const int Polynomial = 0x1021;

    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static ushort Of(ReadOnlySpan<byte> data)
    {
        var crc = 0;
        foreach (var octet in data)
        {
            crc ^= octet << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
        }
        return (ushort)crc;
    }
}
