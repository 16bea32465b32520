using System.Diagnostics;

namespace Cyborg.Conductor.Telemetry;

/// <summary>Spans of work that a conductor does by itself.</summary>
internal static class ConductorTraces
{
    private static readonly ActivitySource Source = new("Cyborg.Conductor");

    /// <summary>Begins a span; null if nobody traces.</summary>
    /// <param name="name">What is done; a name that begins with <see cref="Hosting.Telemetry.Tracing.JobPrefix"/> may begin a trace.</param>
    /// <param name="parent">The span that brought it about, where it is remembered.</param>
    public static Activity? Start(string name, string? parent)
    {
        // Never a child of what happens to be there: the loops of a conductor outlive every request.
        Activity.Current = null;
        return Source.StartActivity(name, ActivityKind.Internal, parent);
    }
}
