using Cyborg.Api;
using Cyborg.Api.Doctor;
using Cyborg.Api.Health;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-api</c>.</summary>
internal static partial class ApiProgram
{
    private const string Name = "cyborg-api";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("Cyborg's REST API; any number of them may run.")
            .Sets("--port", ApiOptions.PortOption)
            .Runs((arguments, stop) => ServiceProcess.RunAsync(Name, arguments, ApiOptions.All, StartAsync, stop))
            .PolicyVerbs()
            .CheckVerbs(Name, ApiOptions.All, config => ApiOptions.From(config), ApiDoctor.Checks)
            .RunAsync(args);

    private static async Task<IServiceRoom> StartAsync(RoomParts parts, CancellationToken stop)
    {
        var app = ApiRoom.Build(parts.Config, parts.Bus, parts.Logs);
        try
        {
            await app.StartAsync(stop);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        Listening(parts.Logs.CreateLogger(Name), app.Urls.First());
        parts.Reload.Always(_ =>
        {
            ApiRoom.ReloadPolicy(app);
            return Task.CompletedTask;
        });
        return new Running(app, app.Urls.First(), parts.Config.Get(HealthSettings.PathOption));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Answering on {Address}")]
    private static partial void Listening(ILogger logger, string address);

    /// <summary>Stopping lets requests under way end; disposing alone would not.</summary>
    private sealed class Running(WebApplication app, string address, string healthPath) : IServiceRoom
    {
        private readonly OwnAnswer _answer = new(address, healthPath);

        public ValueTask<string?> WhyDeadAsync(CancellationToken stop) => _answer.WhyDeadAsync(stop);

        public async ValueTask DisposeAsync()
        {
            _answer.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
