using System.Text.Json;

namespace Cyborg.Attach;

/// <summary>What was found at a function before it was bound, and for whom it was.</summary>
/// <param name="Version">Of this form; 1.</param>
/// <param name="BootId">Start of the host that it holds for.</param>
/// <param name="Identity">The card that was there, see <see cref="SysfsFunction.Identity"/>.</param>
/// <param name="Holder">For whom.</param>
/// <param name="Target">To what it was to be bound, see <see cref="PciTarget.Name"/>.</param>
/// <param name="Driver">Driver that was found; null if none.</param>
/// <param name="Override">Override that was found; null if none.</param>
internal sealed record FoundNote(int Version, string BootId, string Identity, string Holder, string? Target, string? Driver, string? Override)
{
    public const int Current = 1;

    public PciBinding ToBinding() => new(Driver, Override);
}

/// <summary>The folder of notes. A note is there from before the first write to sysfs until after the last one that puts things back.</summary>
internal sealed class NoteFolder(PciBinderOptions options)
{
    /// <summary>The note of a function; null if there is none that still holds: it is of an earlier start of the host, or of another card.</summary>
    public FoundNote? Read(SysfsFunction function)
    {
        try
        {
            var note = JsonSerializer.Deserialize<FoundNote>(File.ReadAllText(PathOf(function)));
            if (note is not { Version: FoundNote.Current })
                throw new PciBindException(PciBindError.State, $"{PathOf(function)} is of another version.");
            return note.BootId == BootId() && (!function.Exists || note.Identity == function.Identity) ? note : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new PciBindException(PciBindError.State, $"{PathOf(function)} cannot be read.", e);
        }
    }

    /// <summary>Notes what is there now. Written whole under another name, then renamed: nobody ever reads a half.</summary>
    public FoundNote Write(SysfsFunction function, PciBinding found, PciTarget target, string holder)
    {
        var note = new FoundNote(FoundNote.Current, BootId(), function.Identity, holder, target.Name, found.Driver, found.Override);
        try
        {
            Directory.CreateDirectory(options.StateFolder);
            var draft = PathOf(function) + ".new";
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(file, note);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, PathOf(function), overwrite: true);
            return note;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PciBindException(PciBindError.State, $"{PathOf(function)} cannot be written.", e);
        }
    }

    /// <summary>Forgets a function.</summary>
    public void Delete(SysfsFunction function)
    {
        try
        {
            File.Delete(PathOf(function));
        }
        catch (DirectoryNotFoundException)
        {
            // There never was a note.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PciBindException(PciBindError.State, $"{PathOf(function)} cannot be deleted.", e);
        }
    }

    private string PathOf(SysfsFunction function) => Path.Combine(options.StateFolder, $"{function.Address}.json");

    private string BootId()
    {
        try
        {
            return File.ReadAllText(options.BootIdFile).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PciBindException(PciBindError.State, $"{options.BootIdFile} cannot be read.", e);
        }
    }
}
