using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Tests;

/// <summary>A server of remote checks on loopback, that remembers what it was asked.</summary>
internal sealed class PolicyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PolicyServer(WebApplication app) => _app = app;

    public List<Call> Seen { get; } = [];

    /// <summary>Its address without the scheme: <c>//127.0.0.1:1234</c>.</summary>
    public string Host { get; private set; } = "";

    public static async Task<PolicyServer> StartAsync(
        RequestDelegate answer, Action<HttpsConnectionAdapterOptions>? tls, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls is not null)
                listen.UseHttps(tls);
        }));
        var server = new PolicyServer(builder.Build());
        server._app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync(cancellationToken);
            var path = http.Request.Path + http.Request.QueryString.ToString();
            server.Seen.Add(new Call(path, http.Request.ContentType!, body, http.Request.ContentLength));
            await answer(http);
        });
        await server._app.StartAsync(cancellationToken);
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Host = "//" + new Uri(addresses.Single()).Authority;
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public sealed record Call(string Path, string Type, string Body, long? Length);
}
