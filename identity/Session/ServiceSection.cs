using Cyborg.Hosting;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Session;

/// <summary>One section of cyborg.conf by which a service logs in to Keystone and finds another service: <c>[placement]</c>, <c>[nova]</c>,
/// <c>[glance]</c>, <c>[keystone_authtoken]</c>. Names and meaning are keystoneauth1's "auth", "session" and "adapter" options. Immutable; a
/// room holds one per section: <c>static readonly ServiceSection Placement = new("placement", "placement")</c>.</summary>
public sealed class ServiceSection
{
    private readonly LoginSection _login;
    private readonly ConnectionSection _connection;

    /// <summary>Declares a section.</summary>
    /// <param name="section">Its name in cyborg.conf.</param>
    /// <param name="serviceType">Type of the service in the catalog where <c>service_type</c> is not set: <c>placement</c>, <c>compute</c>,
    /// <c>image</c>.</param>
    public ServiceSection(string section, string serviceType)
    {
        Section = section;
        ServiceType = serviceType;
        _login = new LoginSection(section);
        _connection = new ConnectionSection(section, serviceType);
        All = [.. _login.All, .. _connection.All];
    }

    /// <summary>Its name in cyborg.conf.</summary>
    public string Section { get; }

    /// <summary>The service's usual type in the catalog: what <see cref="KeystoneSession.SendAsync(string, ServiceRequest, CancellationToken)"/>
    /// is told. An operator's <c>service_type</c> wins over it.</summary>
    public string ServiceType { get; }

    /// <summary>Every option of the section, for the list of a room's options.</summary>
    public IReadOnlyList<Option> All { get; }

    /// <summary>Reads the section. <c>auth_section</c> is followed: the log-in is then the other section's, all else stays this one's.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>Null if the section has no log-in: none of auth_type, auth_url and auth_section is set.</returns>
    /// <exception cref="ConfigException">Anything in it is wrong, one line each; no line has a secret.</exception>
    public KeystoneSessionOptions? Read(CyborgConfig config)
    {
        if (!_login.IsConfigured(config))
            return null;
        var faults = new List<string>();
        var source = _login.Follow(config, faults);
        if (faults.Count > 0)
            throw new ConfigException(faults);
        var address = source.ReadUrl(config, faults);
        var credential = source.ReadCredential(config, faults);
        // Stand-ins, so that all other faults are told, too; they are never used.
        var options = _connection.Read(config, address ?? new Uri("http://localhost"), credential ?? new ApplicationCredential { Secret = "" }, faults);
        return faults.Count == 0 ? options : throw new ConfigException(faults);
    }

    /// <summary>Reads the section and makes its session, which logs in at its first call.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="logs">Where the session logs; never a secret.</param>
    /// <param name="time">Its clock.</param>
    /// <returns>The session, for the caller to dispose; null if the section has no log-in.</returns>
    /// <exception cref="ConfigException">As <see cref="Read"/>.</exception>
    public KeystoneSession? Open(CyborgConfig config, ILoggerFactory logs, TimeProvider time) =>
        Read(config) is { } options ? new KeystoneSession(options, logs, time) : null;
}
