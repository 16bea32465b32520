using Cyborg.Identity.Session;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Keystone;

/// <summary>Adds the scheme with Keystone's tokens.</summary>
public static class KeystoneExtensions
{
    /// <summary>A caller is whom Keystone says that its token stands for.</summary>
    /// <param name="builder">The application's authentication.</param>
    /// <param name="configure">Sets the validator and the address to tell callers.</param>
    public static AuthenticationBuilder AddKeystone(this AuthenticationBuilder builder, Action<KeystoneOptions> configure) =>
        builder.AddScheme<KeystoneOptions, KeystoneHandler>(KeystoneDefaults.Scheme, configure);

    /// <summary>As <c>[keystone_authtoken]</c> says. Session and validator belong to the application and end with it; Keystone is asked with the
    /// first token, so that the application starts while Keystone is away.</summary>
    /// <param name="builder">The application's authentication; its services need logging and a <see cref="TimeProvider"/>.</param>
    /// <param name="options">The section.</param>
    public static AuthenticationBuilder AddKeystone(this AuthenticationBuilder builder, AuthTokenOptions options)
    {
        builder.Services.AddSingleton(services => new KeystoneSession(
            options.Session, services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new TokenValidator(
            services.GetRequiredService<KeystoneSession>(), options.Cache, services.GetRequiredService<ILoggerFactory>(),
            services.GetRequiredService<TimeProvider>(), options.JwsPublicKeys));
        builder.Services.AddOptions<KeystoneOptions>(KeystoneDefaults.Scheme).Configure<TokenValidator>((scheme, validator) =>
        {
            scheme.Validator = validator;
            scheme.WwwAuthenticateUri = options.WwwAuthenticateUri;
            scheme.ServiceTokenRoles = options.ServiceTokenRoles;
            scheme.ServiceTokenRolesRequired = options.ServiceTokenRolesRequired;
            scheme.DelayAuthDecision = options.DelayAuthDecision;
        });
        return builder.AddScheme<KeystoneOptions, KeystoneHandler>(KeystoneDefaults.Scheme, null);
    }
}
