using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Cyborg.Model;

namespace Cyborg.Drivers.Fake;

/// <summary>Which ARQ has which handle, as the pretended hardware itself knows it. In a folder it outlives the agent, as a card's state does: what
/// happens there happens whole or not at all, whenever the process is killed.</summary>
internal sealed class FakeAttachments(string? folder)
{
    private readonly ConcurrentDictionary<string, Guid> _memory = new(StringComparer.Ordinal);

    public static string NameOf(DriverControlPath device, DriverAttachHandle handle)
    {
        // Lengths keep two different handles from being one text.
        var parts = new[] { device.CpidType, device.CpidInfo, handle.Type.ToString(), handle.Info };
        var text = string.Concat(parts.Select(part => $"{part.Length}:{part}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    public bool Has(DriverControlPath device, DriverAttachHandle handle)
    {
        var name = NameOf(device, handle);
        return folder is null ? _memory.ContainsKey(name) : File.Exists(Path.Combine(folder, name));
    }

    public DriverOutcome Attach(DriverControlPath device, DriverAttachHandle handle, Guid arq)
    {
        var name = NameOf(device, handle);
        try
        {
            while (!TryCreate(name, arq))
            {
                // Null: it was detached between the two looks.
                if (HolderOf(name) is { } holder)
                    return holder == arq.ToString() ? DriverOutcome.Done : Foreign(handle, holder, arq);
            }
            return DriverOutcome.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DriverOutcome.Failed($"The state of the handle {handle.Info} cannot be written.");
        }
    }

    public DriverOutcome Detach(DriverControlPath device, DriverAttachHandle handle, Guid arq)
    {
        var name = NameOf(device, handle);
        try
        {
            if (HolderOf(name) is not { } holder)
                return DriverOutcome.Done;
            if (holder != arq.ToString())
                return Foreign(handle, holder, arq);
            Remove(name, arq);
            return DriverOutcome.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DriverOutcome.Failed($"The state of the handle {handle.Info} cannot be written.");
        }
    }

    private static DriverOutcome Foreign(DriverAttachHandle handle, string holder, Guid arq) =>
        DriverOutcome.Failed($"The handle {handle.Info} is attached for the accelerator request {holder}, not for {arq}.");

    private bool TryCreate(string name, Guid arq)
    {
        if (folder is null)
            return _memory.TryAdd(name, arq);
        var path = Path.Combine(folder, name);
        if (File.Exists(path))
            return false;
        Directory.CreateDirectory(folder);
        // Written whole under a name of its own, then linked: of two that try, one finds the name taken, and nobody sees half a file.
        var draft = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}");
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes(arq.ToString()));
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private string? HolderOf(string name)
    {
        if (folder is null)
            return _memory.TryGetValue(name, out var arq) ? arq.ToString() : null;
        try
        {
            return File.ReadAllText(Path.Combine(folder, name)).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void Remove(string name, Guid arq)
    {
        if (folder is null)
            _memory.TryRemove(new KeyValuePair<string, Guid>(name, arq));
        else
            File.Delete(Path.Combine(folder, name));
    }
}
