using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cyborg.Bench;

/// <summary>Stands in for Keystone while tokens come from the API's warm cache: it is asked once for each token. Whatever is measured does not touch it.</summary>
internal sealed class Keystone : IAsyncDisposable
{
    /// <summary>The token of an administrator.</summary>
    public const string Token = "bench-token";

    /// <summary>The administrator's project.</summary>
    public const string Project = "be9c4be9c4be4be98be9c4be9c4be9c4";

    private static readonly string[] s_roles = ["admin", "manager", "member", "reader", "service"];

    private readonly WebApplication _app;

    private Keystone(WebApplication app) => _app = app;

    /// <summary>Where it answers.</summary>
    public string Url => _app.Urls.Single();

    public static async Task<Keystone> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return new Keystone(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var logsIn = HttpMethods.IsPost(context.Request.Method);
        context.Response.StatusCode = logsIn ? 201 : 200;
        context.Response.Headers["X-Subject-Token"] = logsIn ? "service-token" : Token;
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["token"] = new JsonObject
            {
                ["methods"] = new JsonArray("password"),
                ["issued_at"] = DateTimeOffset.UtcNow.ToString("O"),
                ["expires_at"] = DateTimeOffset.UtcNow.AddHours(12).ToString("O"),
                ["is_domain"] = false,
                ["user"] = new JsonObject { ["id"] = "bench", ["name"] = "bench", ["domain"] = Domain() },
                ["project"] = new JsonObject { ["id"] = Project, ["name"] = "bench", ["domain"] = Domain() },
                ["roles"] = new JsonArray([.. s_roles.Select(role => new JsonObject { ["id"] = role, ["name"] = role })]),
                ["catalog"] = new JsonArray(),
            },
        });
    }

    private static JsonObject Domain() => new() { ["id"] = "default", ["name"] = "Default" };
}
