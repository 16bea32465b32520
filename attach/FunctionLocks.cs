using System.Collections.Concurrent;

namespace Cyborg.Attach;

/// <summary>One at a time for each function: within this process, and by a lock file among all processes that share the folder of notes.</summary>
internal sealed class FunctionLocks(PciBinderOptions options)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> InProcess = new(StringComparer.Ordinal);

    /// <summary>Waits for the turn; disposing of it ends it.</summary>
    /// <exception cref="PciBindException">Another process has it for too long, or the lock file cannot be made.</exception>
    public async Task<IDisposable> EnterAsync(string address, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetFullPath(options.StateFolder), $"{address}.lock");
        var gate = InProcess.GetOrAdd(path, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new Turn(gate, await LockAsync(address, path, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    // The kernel lets go of the lock when its process ends, however it ends. The file stays: deleting it would let two processes lock two files of one name.
    private async Task<FileStream> LockAsync(string address, string path, CancellationToken cancellationToken)
    {
        var since = options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(options.StateFolder);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException || (e is IOException && !File.Exists(path)))
            {
                throw new PciBindException(PciBindError.State, $"{path} cannot be made.", e);
            }
            catch (IOException e)
            {
                if (options.Time.GetElapsedTime(since) >= options.LockTimeout)
                    throw new PciBindException(PciBindError.Busy, $"{address}: another process works on it.", e);
                await Task.Delay(Pause, options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private sealed class Turn(SemaphoreSlim gate, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
