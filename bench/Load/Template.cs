using System.Text;

namespace Cyborg.Bench;

/// <summary>A request whose bytes are written once, with places for uuids that differ from one time to the next.</summary>
internal sealed class Template
{
    private readonly byte[] _bytes;
    private readonly int[] _places;

    /// <summary>A request as Nova sends it for a user.</summary>
    /// <param name="line">Method and path.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="places">So many places, each as <see cref="Place"/> writes it, in the line or in the body.</param>
    public Template(string line, string? body, int places)
    {
        var content = body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n";
        _bytes = Encoding.ASCII.GetBytes(
            $"{line} HTTP/1.1\r\nHost: bench\r\nX-Auth-Token: {Keystone.Token}\r\nX-Service-Token: {Keystone.Token}\r\n" +
            $"OpenStack-API-Version: accelerator 2.0\r\n{content}\r\n{body}");
        _places = [.. Enumerable.Range(0, places).Select(n => _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Place(n))))];
    }

    /// <summary>Stands for the uuid with that number.</summary>
    public static string Place(int n) => $"{n:x8}-0000-0000-0000-000000000000";

    /// <summary>The request with these uuids; until the next.</summary>
    public ReadOnlyMemory<byte> With(params ReadOnlySpan<Guid> uuids)
    {
        for (var n = 0; n < uuids.Length; n++)
            uuids[n].TryFormat(_bytes.AsSpan(_places[n]), out _);
        return _bytes;
    }
}
