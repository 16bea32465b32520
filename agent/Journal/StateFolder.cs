using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Journal;

/// <summary>The folder of what an agent must not forget, held by one agent at a time. A file that is torn or altered is set aside under a name of its own,
/// told as an error, and counts as absent: it is never half believed, and never lost to whoever wants to look into it.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly FileStream _held;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private StateFolder(string path, FileStream held, TimeProvider time, ILogger log) => (Path, _held, _time, _log) = (path, held, time, log);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes the folder if it is not there, readable by its owner only, and holds it until the result is disposed.</summary>
    /// <exception cref="IOException">It cannot be made or written, or another agent holds it.</exception>
    public static StateFolder Hold(string path, TimeProvider time, ILogger log)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The agent's folder {path} ([DEFAULT] state_path) cannot be made: {e.Message}", e);
        }
        try
        {
            // The lock ends with the process, however it ends; the file stays.
            var held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new StateFolder(path, held, time, log);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The agent's folder {path} ([DEFAULT] state_path) cannot be written: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new IOException($"The agent's folder {path} is in use by another agent: give each its own [DEFAULT] state_path.", e);
        }
    }

    /// <summary>Reads a file; null if there is none, or if it had to be set aside.</summary>
    /// <param name="name">Its name in the folder.</param>
    /// <param name="json">Its form.</param>
    /// <param name="sound">True for content that makes sense.</param>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public T? Read<T>(string name, JsonTypeInfo<T> json, Func<T, bool> sound) where T : class
    {
        var path = System.IO.Path.Combine(Path, name);
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be read: {e.Message}", e);
        }
        if (SealedText.Open(file) is { } content && Parse(content, json) is { } value && sound(value))
            return value;
        SetAside(path);
        return null;
    }

    /// <summary>Writes a file whole and durably.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Write<T>(string name, T value, JsonTypeInfo<T> json, Action? beforeRename = null)
    {
        var path = System.IO.Path.Combine(Path, name);
        try
        {
            DurableFile.Write(path, SealedText.Seal(JsonSerializer.SerializeToUtf8Bytes(value, json)), beforeRename);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Gives the folder to others.</summary>
    public void Dispose() => _held.Dispose();

    private static T? Parse<T>(byte[] content, JsonTypeInfo<T> json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(content, json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void SetAside(string path)
    {
        var stem = $"{path}.corrupt-{_time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        var aside = stem;
        for (var n = 2; File.Exists(aside); n++)
            aside = $"{stem}-{n}";
        DurableFile.Rename(path, aside);
        Log.SetAside(_log, path, aside);
    }
}
