using System.Net;
using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Keystone.Tests;
using Cyborg.Standalone;
using Cyborg.TestServers;

namespace Cyborg.Functional.Tests;

/// <summary>The whole service in this process, with a fake Keystone in front of it, and a clock of its own for both. Everything is logged at
/// level Debug; at the end no token and no password may be in the log.</summary>
internal sealed class KeystoneRoom : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-keystone-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly HashSet<string> _secrets = [];
    private StandaloneRoom? _room;

    private KeystoneRoom(TimeSpan? held)
    {
        Clock = new RoomClock(held);
        Keystone = WireMockKeystone.Start(Clock);
    }

    public RoomClock Clock { get; }

    public WireMockKeystone Keystone { get; }

    public LogBook Logs { get; } = new();

    public Uri Address => _room!.Address;

    /// <summary>Starts it.</summary>
    /// <param name="lines">More lines of <c>[keystone_authtoken]</c>.</param>
    /// <param name="keystoneIsAway">True to stop Keystone first.</param>
    /// <param name="held">Length of the timers that the test ends, see <see cref="RoomClock"/>.</param>
    public static async Task<KeystoneRoom> StartAsync(IEnumerable<string>? lines = null, bool keystoneIsAway = false, TimeSpan? held = null)
    {
        var room = new KeystoneRoom(held);
        if (keystoneIsAway)
            room.Keystone.Stop();
        var text = room.Keystone.Section("keystone_authtoken", ["www_authenticate_uri = http://keystone.example:5000", "connect_retry_delay = 0", "status_code_retry_delay = 0", .. lines ?? []]);
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], StandaloneRoom.Options)
            .With(ApiOptions.AuthStrategyOption, ApiOptions.Keystone)
            .With(ApiOptions.PortOption, 0)
            .With(SharedOptions.HostOption, "functional")
            .With(AgentOptions.EnabledDriversOption, ["fake_driver"]);
        room._room = await StandaloneRoom.StartAsync(config, Path.Combine(room._folder, "data"), room.Logs, room.Clock, TestContext.Current.CancellationToken);
        return room;
    }

    /// <summary>A new token, which must never be logged.</summary>
    public string AddToken(FakeToken token, string? text = null) => Secret(Keystone.AddToken(token, text));

    /// <summary>Remembers a text that must never be logged.</summary>
    public string Secret(string text)
    {
        _secrets.Add(text);
        return text;
    }

    /// <summary>Asks for the device profiles: every member of a project may.</summary>
    public Task<Answer> AskAsync(string? token, string? service = null) =>
        SendAsync(HttpMethod.Get, "/v2/device_profiles", null, [("X-Auth-Token", token), ("X-Service-Token", service)]);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, IEnumerable<(string Name, string? Value)> headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
        if (body is not null)
            request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(
            (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", answer.Headers.WwwAuthenticate.ToString(),
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends bytes as they are; the first line of the answer.</summary>
    public async Task<string> SendRawAsync(byte[] request)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_room is not null)
            await _room.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        foreach (var secret in _secrets.Concat(Keystone.ServiceTokens).Append(Keystone.Password))
            Assert.DoesNotContain(Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        await Keystone.DisposeAsync();
    }

    internal sealed record Answer(int Status, string Type, string Challenge, string Body);
}
