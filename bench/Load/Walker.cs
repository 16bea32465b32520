using System.Buffers.Text;
using System.Text;

namespace Cyborg.Bench;

/// <summary>What Nova does for one server: creates an accelerator request, binds it, looks whether it is resolved, and deletes it. One connection, prepared
/// bytes: what is measured is not the load.</summary>
internal sealed class Walker : IDisposable
{
    public const string Profile = "bench";

    private readonly RawConnection _connection;
    private readonly Template _create = new("POST /v2/accelerator_requests", $$"""{"device_profile_name": "{{Profile}}"}""", places: 0);
    private readonly Template _bind = new(
        "PATCH /v2/accelerator_requests",
        $$"""
        {"{{Template.Place(0)}}": [{"op": "add", "path": "/hostname", "value": "bench"},
        {"op": "add", "path": "/device_rp_uuid", "value": "{{Template.Place(1)}}"}, {"op": "add", "path": "/instance_uuid", "value": "{{Template.Place(2)}}"}]}
        """,
        places: 3);
    private readonly Template _list = new($"GET /v2/accelerator_requests?instance={Template.Place(0)}&bind_state=resolved", body: null, places: 1);
    private readonly Template _delete = new($"DELETE /v2/accelerator_requests?arqs={Template.Place(0)}", body: null, places: 1);

    private Walker(RawConnection connection) => _connection = connection;

    /// <summary>A walker with a connection of its own.</summary>
    /// <param name="port">Port of the API.</param>
    public static async Task<Walker> ConnectAsync(int port) => new(await RawConnection.OpenAsync(port));

    /// <summary>Makes the device profile that all walks use.</summary>
    public async Task MakeProfileAsync() => await _connection.AskAsync(
        new Template("POST /v2/device_profiles", $$"""[{"name": "{{Profile}}", "groups": [{"resources:PGPU": "1"}]}]""", places: 0).With());

    /// <summary>The whole walk.</summary>
    public async Task WalkAsync(Guid provider)
    {
        var (arq, instance) = (await CreateAsync(), Guid.NewGuid());
        await BindAsync(arq, provider, instance);
        await ListAsync(instance, arq);
        await DeleteAsync(arq);
    }

    public async Task<Guid> CreateAsync() => Uuid(await _connection.AskAsync(_create.With()));

    public async Task BindAsync(Guid arq, Guid provider, Guid instance) => await _connection.AskAsync(_bind.With(arq, provider, instance));

    public async Task ListAsync(Guid instance, Guid arq)
    {
        if (Uuid(await _connection.AskAsync(_list.With(instance))) != arq)
            throw new InvalidOperationException("the request of an instance is not listed as resolved");
    }

    public async Task DeleteAsync(Guid arq) => await _connection.AskAsync(_delete.With(arq));

    public void Dispose() => _connection.Dispose();

    /// <summary>The first <c>"uuid"</c> of an answer.</summary>
    private static Guid Uuid(ReadOnlyMemory<byte> answer)
    {
        var text = answer.Span;
        var name = text.IndexOf("\"uuid\""u8);
        if (name < 0)
            throw new InvalidOperationException($"an answer without a uuid: {Encoding.UTF8.GetString(text)}");
        text = text[(name + 7)..];
        text = text[(text.IndexOf((byte)'"') + 1)..];
        return Utf8Parser.TryParse(text, out Guid uuid, out _) ? uuid : throw new InvalidOperationException("a uuid that is none");
    }
}
