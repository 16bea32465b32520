using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>Makes the request of a step.</summary>
internal static class Requests
{
    public static HttpRequestMessage Make(Step step, Service service, Variables variables)
    {
        var request = new HttpRequestMessage(new HttpMethod(step.Method), new Uri(service.Base + variables.Fill(step.Url)));
        if (Body(step, variables) is { } bytes)
        {
            request.Content = new ByteArrayContent(bytes);
            var type = step.Has("type") ? step["type"]?.ToString() : "application/json";
            if (type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        foreach (var (name, value) in service.Personas[step.As].Concat(step.Headers))
        {
            // A null takes a header of the transcript away again; a list sends several lines.
            var values = value is JsonArray many ? many.Select(item => item!.ToString()) : value is null ? [] : [value.ToString()];
            request.Headers.Remove(name);
            foreach (var one in values)
                request.Headers.TryAddWithoutValidation(name, variables.Fill(one));
        }
        return request;
    }

    private static byte[]? Body(Step step, Variables variables)
    {
        if (step.Has("json"))
            return Encoding.UTF8.GetBytes(variables.Fill(step["json"])?.ToJsonString() ?? "null");
        if (step["text"] is { } text)
            return Encoding.UTF8.GetBytes(variables.Fill(text.ToString()));
        if (step["bytes"] is { } bytes)
            return Convert.FromHexString(bytes.ToString().Replace(" ", "", StringComparison.Ordinal));
        if (step["repeat"] is JsonObject repeat)
        {
            var unit = repeat["unit"]!.ToString();
            var times = int.Parse(repeat["times"]!.ToString(), CultureInfo.InvariantCulture);
            var middle = string.Concat(Enumerable.Repeat(unit, times));
            return Encoding.UTF8.GetBytes(variables.Fill(repeat["before"]?.ToString() ?? "") + middle + (repeat["after"]?.ToString() ?? ""));
        }
        return null;
    }
}
