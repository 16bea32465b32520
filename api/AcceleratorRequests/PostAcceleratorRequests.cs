using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary><c>POST /v2/accelerator_requests</c>: <c>{"device_profile_name": "n"}</c>; other keys, and openstacksdk's nulls, are ignored.</summary>
internal static class PostAcceleratorRequests
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var name = ProfileName(await call.ReadBodyAsync("req").ConfigureAwait(false));
        var made = await call.AskAsync(Verbs.CreateArqs, new CreateArqs(name)).ConfigureAwait(false);
        return ArqJson.List(call, made.Arqs, StatusCodes.Status201Created);
    }

    /// <summary>The profile that the body names.</summary>
    /// <exception cref="ApiException">400: the body is no object, or names none.</exception>
    internal static string ProfileName(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"The body is an object with device_profile_name, got {JsonFields.Kind(body)}.");
        return body.Text("device_profile_name") ?? throw ApiException.Malformed("DeviceProfile name needed.");
    }
}
