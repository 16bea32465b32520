using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Cyborg.Executables;

/// <summary>SIGHUP, by which an operator (or systemd's <c>ExecReload</c>) has a service read its files again. From its making on the signal ends the process no
/// more, so that one that comes during the start is done after it; several at once are one.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _registration;

    public ReloadSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);

    /// <summary>Reloads at each signal until the token says stop.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> reload, CancellationToken stop)
    {
        await foreach (var _ in _wanted.Reader.ReadAllAsync(stop))
            await reload(stop);
    }

    public void Dispose() => _registration.Dispose();

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _wanted.Writer.TryWrite(true);
    }
}
