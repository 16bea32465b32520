namespace Cyborg.TestServers;

/// <summary>What goes wrong in a <see cref="WireMockKeystone"/>.</summary>
public sealed record KeystoneTrouble
{
    private KeystoneTrouble()
    {
    }

    /// <summary>It reads the request and closes the connection without an answer.</summary>
    public static KeystoneTrouble Closes { get; } = new();

    /// <summary>It never answers, until the trouble is taken away or the caller goes.</summary>
    public static KeystoneTrouble Silent { get; } = new() { IsSilent = true };

    /// <summary>The status that it answers; null for none.</summary>
    internal int? Status { get; private init; }

    internal bool IsSilent { get; private init; }

    /// <summary>It answers this status and nothing else.</summary>
    public static KeystoneTrouble Answers(int status) => new() { Status = status };
}
