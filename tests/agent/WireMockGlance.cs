using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;
using WireMock.Util;

namespace Cyborg.Agent.Tests;

/// <summary>An image service on a free loopback port, as far as an agent asks it: one image, a list by function, and the data. What it says of an image can be
/// bent, and what it sends.</summary>
internal sealed class WireMockGlance : IDisposable
{
    private readonly ConcurrentDictionary<Guid, (JsonObject Json, byte[] Data)> _images = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly WireMockServer _server;

    public WireMockGlance()
    {
        _server = WireMockServer.Start(new WireMockServerSettings
        {
            StartTimeout = 60_000,
            PreWireMockMiddlewareInit = app => ((IApplicationBuilder)app).Use(BendAsync),
        });
        On("/v2/images/*", Show);
        On("/v2/images/*/file", Send);
    }

    public string Url => _server.Url!;

    /// <summary>Paths and queries, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Answers in place of the service if it gives true; after the request was noted.</summary>
    public Func<HttpContext, Task<bool>>? Bend { get; set; }

    /// <summary>Adds an active image with its sha512.</summary>
    public Guid Add(byte[] data, string? function = null, Action<JsonObject>? change = null)
    {
        var id = Guid.NewGuid();
        var json = new JsonObject
        {
            ["id"] = id.ToString(),
            ["status"] = "active",
            ["size"] = data.Length,
            ["checksum"] = Md5(data),
            ["os_hash_algo"] = "sha512",
            ["os_hash_value"] = Convert.ToHexStringLower(SHA512.HashData(data)),
        };
        if (function is not null)
            json["accel:function_id"] = function;
        change?.Invoke(json);
        _images[id] = (json, data);
        return id;
    }

    /// <summary>Hex MD5.</summary>
    public static string Md5(byte[] data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(data);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A bend that answers a status.</summary>
    public static Func<HttpContext, Task<bool>> Status(int status, string path = "") => context =>
    {
        if (!context.Request.Path.Value!.EndsWith(path, StringComparison.Ordinal))
            return Task.FromResult(false);
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    };

    /// <summary>A bend that sends a part of the data and closes the connection; not for the first few times.</summary>
    public static Func<HttpContext, Task<bool>> BreaksOff(int length, int times = int.MaxValue) => async context =>
    {
        if (!context.Request.Path.Value!.EndsWith("/file", StringComparison.Ordinal) || times-- <= 0)
            return false;
        context.Response.ContentLength = length;
        await context.Response.Body.WriteAsync(new byte[length / 2]);
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    };

    public void Dispose() => _server.Dispose();

    private void On(string path, Func<IRequestMessage, ResponseMessage> answer) =>
        _server.Given(Request.Create().WithPath(path).UsingGet()).RespondWith(Response.Create().WithCallback(answer));

    private async Task BendAsync(HttpContext context, RequestDelegate next)
    {
        _asked.Enqueue(context.Request.Path + context.Request.QueryString.Value);
        if (Bend is { } bend && await bend(context))
            return;
        // WireMock cannot tell a parameter by a name that has a colon.
        if (context.Request.Path == "/v2/images")
            await context.Response.WriteAsync(List(context.Request.Query["accel:function_id"]).ToJsonString());
        else
            await next(context);
    }

    private JsonObject List(string? function)
    {
        var found = _images.Values.Where(image => image.Json["accel:function_id"]?.GetValue<string>() == function).Select(image => image.Json.DeepClone());
        return new JsonObject { ["images"] = new JsonArray([.. found]) };
    }

    private ResponseMessage Show(IRequestMessage request) =>
        Guid.TryParse(request.PathSegments[2], out var id) && _images.TryGetValue(id, out var image) ? Json((JsonObject)image.Json.DeepClone()) : new ResponseMessage { StatusCode = 404 };

    private ResponseMessage Send(IRequestMessage request) =>
        _images.TryGetValue(Guid.Parse(request.PathSegments[2]), out var image)
            ? new ResponseMessage { StatusCode = 200, BodyData = new BodyData { DetectedBodyType = WireMock.Types.BodyType.Bytes, BodyAsBytes = image.Data } }
            : new ResponseMessage { StatusCode = (int)HttpStatusCode.NotFound };

    private static ResponseMessage Json(JsonObject body) => new()
    {
        StatusCode = 200,
        BodyData = new BodyData { DetectedBodyType = WireMock.Types.BodyType.String, BodyAsString = body.ToJsonString() },
    };
}
