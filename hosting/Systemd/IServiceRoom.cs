namespace Cyborg.Hosting.Systemd;

/// <summary>A room that runs as a service of its own: stopped by disposing it, and asked now and then whether it still works.</summary>
public interface IServiceRoom : IAsyncDisposable
{
    /// <summary>Why the service does nothing any more, though its process is there: a loop that has ended or stands still. Nothing that a restart would not
    /// mend: a database or a bus that is away is no reason.</summary>
    /// <param name="stop">Gives up.</param>
    /// <returns>The reason in a few words; null while it is alive.</returns>
    ValueTask<string?> WhyDeadAsync(CancellationToken stop);
}
