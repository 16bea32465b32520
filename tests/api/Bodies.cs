using System.Text;
using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Tests;

internal static class Bodies
{
    public static JsonElement Json(string text) => JsonBody.Parse(Encoding.UTF8.GetBytes(text));

    public static ApiException Refused(Action act, ApiError error, string text)
    {
        var fault = Assert.Throws<ApiException>(act);
        Assert.Equal(error, fault.Error);
        Assert.Contains(text, fault.Message, StringComparison.Ordinal);
        return fault;
    }
}
