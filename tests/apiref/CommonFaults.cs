using System.Net.Http.Headers;
using System.Text;
using Cyborg.Functional.Tests;

namespace Cyborg.ApiRef.Tests;

/// <summary>Asks for each operation in the ways that are wrong whatever is wanted: by nobody, by somebody without a project, for HTML, in a microversion that
/// is not served, with an unknown argument, with no body, with one of another kind, and with one that is too large.</summary>
internal static class CommonFaults
{
    public static async Task AskAsync(Reference reference, Service service)
    {
        foreach (var operation in reference.Operations.Where(operation => operation.Tag != "Operations"))
        {
            var url = service.Base + Troubles.UrlOf(operation);
            await SendAsync(service, operation, url, "unknown");
            await SendAsync(service, operation, url, "homeless");
            await SendAsync(service, operation, url, "admin", request => request.Headers.Add("Accept", "text/html"));
            await SendAsync(service, operation, url, "admin", request => request.Headers.Add("OpenStack-API-Version", "accelerator 9.9"));
            // In the oldest version some of them are not there.
            await SendAsync(service, operation, url + "?nonsense=1", "admin", request => request.Headers.Add("OpenStack-API-Version", "accelerator latest"));
            if (operation.Node["requestBody"] is null)
                continue;
            await SendAsync(service, operation, url, "admin", request => request.Content = Body("x", "text/plain"));
            await SendAsync(service, operation, url, "admin", request => request.Content = Body($"[\"{new string('x', 1024 * 1024)}\"]", "application/json"));
        }
    }

    private static async Task SendAsync(Service service, Operation operation, string url, string persona, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), url);
        foreach (var (name, value) in service.Personas[persona])
            request.Headers.TryAddWithoutValidation(name, value!.ToString());
        change?.Invoke(request);
        using var answer = await service.Client.SendAsync(request);
    }

    private static ByteArrayContent Body(string text, string type) => new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
}
