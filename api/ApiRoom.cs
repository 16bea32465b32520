using System.Security.Cryptography.X509Certificates;
using Cyborg.Api.Calls;
using Cyborg.Api.Health;
using Cyborg.Hosting;
using Cyborg.Hosting.Telemetry;
using Cyborg.Identity.Keystone;
using Cyborg.Identity.NoAuth;
using Cyborg.Identity.Policy;
using Cyborg.Messaging;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Api;

/// <summary>The REST API: HTTP on one side, calls to the conductor on the other, no state between.</summary>
public static class ApiRoom
{
    // A DELETE may name some hundred requests in its query.
    private const int MaxRequestLine = 32 * 1024;

    /// <summary>Builds the API; start and stop it with the application's own methods, which leave signals to the caller. Its address is in
    /// <c>Urls</c> once it runs.</summary>
    /// <param name="config">Configuration, read once.</param>
    /// <param name="transport">The bus; stays the caller's.</param>
    /// <param name="logs">Where to log; null for nowhere.</param>
    /// <param name="health">Checks that <c>/healthcheck</c> asks, besides the bus's; null for none.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    /// <exception cref="ConfigException">Values that do not go together.</exception>
    public static WebApplication Build(
        CyborgConfig config, IBusTransport transport, ILoggerFactory? logs = null, HealthRegistry? health = null, TimeProvider? time = null)
    {
        var options = ApiOptions.From(config);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(ApiRoom).Assembly.GetName().Name });
        var services = builder.Services;
        if (logs is not null)
            services.Replace(ServiceDescriptor.Singleton(logs));
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton(options);
        health ??= new HealthRegistry();
        services.AddSingleton(health);
        services.AddSingleton(provider => new BusClient(
            transport, new BusOptions(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>()));
        var policy = LoadPolicy(options.Policy, logs);
        services.AddSingleton(_ => policy); // by a factory, so that it is disposed with the room
        services.AddSingleton(_ => Metering.Start("cyborg-api"));
        services.AddSingleton<ApiServices>();
        services.AddSingleton<IHostLifetime, CallersLifetime>();
        services.AddRoutingCore();
        AddAuthentication(services, options.AuthToken, logs);
        if (options.ProxyHeaders)
            services.Configure<ForwardedHeadersOptions>(BelieveProxy);
        if (options.Cors is { } cors)
            services.AddCors(setup => setup.AddDefaultPolicy(policy => Allow(policy, cors)));
        ListenOn(builder.WebHost, options);

        var app = builder.Build();
        HealthChecks.Register(health, options, transport, app.Services.GetRequiredService<BusClient>, time ?? TimeProvider.System);
        app.UsePipeline(app.Services.GetRequiredService<ApiServices>());
        return app;
    }

    /// <summary>Looks at the policy files now; a running API follows their changes within a second of a request anyway. Files that cannot be used leave the rules
    /// as they were, and the log says why.</summary>
    /// <param name="app">A running API.</param>
    public static void ReloadPolicy(WebApplication app) => app.Services.GetRequiredService<PolicyEnforcer>().Reload();

    private static void AddAuthentication(IServiceCollection services, AuthTokenOptions? options, ILoggerFactory? logs)
    {
        // The core alone: AddAuthentication would bring data protection along, which writes keys into the user's home for cookies that nobody has.
        services.AddAuthenticationCore(
            authentication => authentication.DefaultScheme = options is null ? NoAuthDefaults.Scheme : KeystoneDefaults.Scheme);
        services.AddWebEncoders();
        var authentication = new AuthenticationBuilder(services);
        if (options is null)
        {
            authentication.AddNoAuth();
            return;
        }
        authentication.AddKeystone(options);
        var log = (logs ?? NullLoggerFactory.Instance).CreateLogger("cyborg.api.authentication");
        foreach (var line in options.Advice)
            log.AuthenticationTold(line);
    }

    private static PolicyEnforcer LoadPolicy(PolicySource source, ILoggerFactory? logs)
    {
        var log = (logs ?? NullLoggerFactory.Instance).CreateLogger("cyborg.api.policy");
        try
        {
            var policy = PolicyEnforcer.Load(ApiPolicies.All, source, log.PolicyTold);
            foreach (var line in policy.Advice)
                log.PolicyTold(line);
            return policy;
        }
        catch (PolicyLoadException error)
        {
            throw new ConfigException(error.Message);
        }
    }

    private static void ListenOn(ConfigureWebHostBuilder host, ApiOptions options)
    {
        host.UseKestrelCore();
        // Requests are answered where they come in and where a conductor's answer does: each hop to another thread costs as much as the rest of a short answer.
        // It is "unsafe" for those who block in a handler; none of ours does.
        host.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        if (options.CertFile is not null)
            host.UseKestrelHttpsConfiguration();
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Our own bound answers 413; the server then reads the rest for a moment, so that a client still sending hears the answer.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Protocols = options.CertFile is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (options.CertFile is { } file)
                    listen.UseHttps(X509Certificate2.CreateFromPemFile(file, options.KeyFile));
            });
        });
    }

    // The operator says with enable_proxy_headers_parsing that only the proxy can reach us, whatever its address.
    private static void BelieveProxy(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.All;
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
    }

    private static void Allow(CorsPolicyBuilder policy, ApiOptions.CorsSettings cors)
    {
        policy.AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(cors.MaxAge)
            .WithExposedHeaders(
                Versions.MicroversionRequest.Header, Versions.MicroversionRequest.MinHeader, Versions.MicroversionRequest.MaxHeader,
                Middleware.RequestState.IdHeader, "ETag", "Location");
        if (cors.Origins.Contains("*"))
            policy.AllowAnyOrigin();
        else if (cors.Credentials)
            policy.WithOrigins([.. cors.Origins]).AllowCredentials();
        else
            policy.WithOrigins([.. cors.Origins]);
    }

    /// <summary>The room runs as long as its caller lets it: several rooms may share one process, and its signals are not one room's.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
