using Microsoft.AspNetCore.Authentication;

namespace Cyborg.Identity.NoAuth;

/// <summary>Adds the scheme without authentication.</summary>
public static class NoAuthExtensions
{
    /// <summary>Every caller of this machine is the default caller, or whom its headers say. Serve it on loopback only
    /// (<see cref="NoAuthDefaults.IsLoopback(string)"/>).</summary>
    /// <param name="builder">The application's authentication.</param>
    /// <param name="configure">Changes options; null to keep them.</param>
    public static AuthenticationBuilder AddNoAuth(this AuthenticationBuilder builder, Action<NoAuthOptions>? configure = null) =>
        builder.AddScheme<NoAuthOptions, NoAuthHandler>(NoAuthDefaults.Scheme, configure);
}
