using System.Formats.Tar;
using System.IO.Compression;

namespace Cyborg.Agent.Packages;

/// <summary>Unpacks archives that somebody else made: what comes out is plain files with plain names in one folder, and never more than a bound.</summary>
internal static class PackageArchive
{
    /// <summary>Largest archive, in bytes.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>Most that may come out of one, in bytes.</summary>
    public const long MaxUnpackedBytes = 256L * 1024 * 1024;

    private const int MaxEntries = 2 * PackageManifest.MaxFiles;

    /// <summary>Unpacks a tar archive that gzip has made smaller; each file is on the disk afterwards.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">An empty folder.</param>
    /// <exception cref="PackageException">It is no such archive, or holds what no package does; the folder holds a part of it.</exception>
    public static void Unpack(Stream archive, string folder)
    {
        try
        {
            using var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
            using var bounded = new BoundedStream(unzipped, MaxUnpackedBytes);
            using var tar = new TarReader(bounded);
            for (var entries = 0; tar.GetNextEntry() is { } entry; entries++)
            {
                if (entries >= MaxEntries)
                    throw new PackageException($"has more than {MaxEntries} entries.");
                Take(entry, folder);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw new PackageException("is no sound .tar.gz archive.", e);
        }
    }

    private static void Take(TarEntry entry, string folder)
    {
        if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
            return;
        var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        if (entry.EntryType == TarEntryType.Directory)
        {
            // Folders are made when a file needs them.
            if (name.TrimEnd('/') is { Length: > 0 } path && !PackageManifest.IsPath(path))
                throw Outside();
            return;
        }
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            throw new PackageException("has an entry that is neither a plain file nor a folder.");
        if (!PackageManifest.IsPath(name))
            throw Outside();
        Write(entry, Path.Combine(folder, name));
    }

    private static void Write(TarEntry entry, string path)
    {
        if (Path.Exists(path))
            throw new PackageException("has a file twice.");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (IOException e)
        {
            throw new PackageException("has a name that is a file and a folder.", e);
        }
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var file = new FileStream(path, options);
        entry.DataStream?.CopyTo(file);
        file.Flush(flushToDisk: true);
    }

    private static PackageException Outside() => new("has a file whose path is not plain names below its own folder.");

    /// <summary>Gives no more than a bound: a few kilobytes of gzip may stand for gigabytes.</summary>
    private sealed class BoundedStream(Stream inner, long most) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            _read += count;
            return _read <= most ? count : throw new PackageException($"unpacks to more than {most / (1024 * 1024)} MiB.");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
