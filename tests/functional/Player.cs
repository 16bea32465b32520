using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>Plays a transcript from begin to end and tells all that was not as written.</summary>
internal static class Player
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2), s_pause = TimeSpan.FromMilliseconds(50);

    public static async Task<string> PlayAsync(Transcript transcript, Service service, CancellationToken cancellationToken)
    {
        var variables = new Variables();
        variables.Set("base", JsonValue.Create(service.Base));
        if (new Uri(service.Base).AbsolutePath == "/")
            variables.Set("unmounted", JsonValue.Create(true));
        if (service.ImageUuid is not null)
            variables.Set("image", JsonValue.Create(service.ImageUuid));
        if (service.Package is not null)
            variables.Set("package", JsonValue.Create(service.Package));
        if (service.Server is not null)
            variables.Set("server", JsonValue.Create(service.Server));
        var report = new StringBuilder();
        foreach (var step in transcript.Steps.Where(step => step.Needs.All(variables.Knows)))
        {
            try
            {
                foreach (var wrong in await AgainAsync(step, service, variables, cancellationToken))
                    report.AppendLine().Append($"{transcript.Name}: {step.Name} ({step.Method} {step.Url}): {wrong}");
            }
            catch (Exception fault) when (fault is InvalidDataException or HttpRequestException or InvalidOperationException or FormatException)
            {
                report.AppendLine().Append($"{transcript.Name}: {step.Name}: {fault.Message}");
            }
        }
        return report.ToString();
    }

    private static async Task<IReadOnlyList<string>> AgainAsync(Step step, Service service, Variables variables, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var wrongs = await PlayAsync(step, service, variables, cancellationToken);
            if (wrongs.Count == 0 || !step.Soon || Stopwatch.GetElapsedTime(began) > s_patience)
                return wrongs;
            await Task.Delay(s_pause, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(Step step, Service service, Variables variables, CancellationToken cancellationToken)
    {
        using var request = Requests.Make(step, service, variables);
        using var answer = await service.Client.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        var wrongs = new Answers(step, variables, answer, body).Wrongs().ToList();
        if (answer.IsSuccessStatusCode)
        {
            foreach (var (name, path) in step["capture"]?.AsObject() ?? [])
                variables.Set(name, Picking.Pick(JsonNode.Parse(body), variables.Fill(path!.ToString())));
        }
        return wrongs;
    }
}
