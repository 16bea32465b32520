using Microsoft.AspNetCore.Authentication;

namespace Cyborg.Identity.Keystone;

/// <summary>Adds the scheme with Keystone's tokens.</summary>
public static class KeystoneExtensions
{
    /// <summary>A caller is whom Keystone says that its token stands for.</summary>
    /// <param name="builder">The application's authentication.</param>
    /// <param name="configure">Sets the validator and the address to tell callers.</param>
    public static AuthenticationBuilder AddKeystone(this AuthenticationBuilder builder, Action<KeystoneOptions> configure) =>
        builder.AddScheme<KeystoneOptions, KeystoneHandler>(KeystoneDefaults.Scheme, configure);
}
