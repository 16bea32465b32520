using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cyborg.Hosting;

namespace Cyborg.Identity.Session;

/// <summary>The options of a section that say how and where a service calls (upstream: keystoneauth1, "session" and "adapter" options).</summary>
internal sealed class ConnectionSection(string section, string defaultType)
{
    private readonly Option<string?> _caFile = Options.OptionalString(
        section, "cafile", "Certificates, PEM, that a server's certificate must lead to; the machine's own if not set.");
    private readonly Option<string?> _certFile = Options.OptionalString(section, "certfile", "Certificate, PEM, with which this service shows itself.");
    private readonly Option<string?> _keyFile = Options.OptionalString(section, "keyfile", "Its private key, PEM; in certfile if not set.");
    private readonly Option<bool> _insecure = Options.Boolean(
        section, "insecure", false, "Believe any server's certificate. Only for tests: whoever is between reads the password.");
    private readonly Option<double> _timeout = Options.Number(
        section, "timeout", 30, "Seconds for one attempt of a call, from connecting to the last byte of the answer.", min: 0.1);
    private readonly Option<bool> _collectTiming = Options.Boolean(section, "collect_timing", false, "Accepted for old files, without effect.");
    private readonly Option<bool> _splitLoggers = Options.Boolean(section, "split_loggers", false, "Accepted for old files, without effect.");
    private readonly Option<string> _serviceType = Options.String(section, "service_type", defaultType, "Type of the service in the catalog.");
    private readonly Option<string?> _serviceName = Options.OptionalString(section, "service_name", "Name of the service in the catalog; any if not set.");
    private readonly Option<IReadOnlyList<string>> _interfaces = Options.List(
        section, "valid_interfaces", ["internal", "public"], "Interfaces of the endpoint, the best first: internal, public, admin.");
    private readonly Option<string?> _region = Options.OptionalString(section, "region_name", "Region of the endpoint; any if not set.");
    private readonly Option<string?> _endpoint = Options.OptionalString(
        section, "endpoint_override", "Address to call, whatever the catalog says; may hold %(project_id)s.");
    private readonly Option<int> _connectRetries = Options.Integer(
        section, "connect_retries", 2, "How often a call that may be repeated is tried again after no answer.", min: 0, max: 10);
    private readonly Option<double> _connectDelay = Options.Number(
        section, "connect_retry_delay", 0.5, "Seconds before the first of these; doubled each time.");
    private readonly Option<int> _statusRetries = Options.Integer(
        section, "status_code_retries", 2, "How often such a call is tried again after one of retriable_status_codes.", min: 0, max: 10);
    private readonly Option<double> _statusDelay = Options.Number(
        section, "status_code_retry_delay", 0.5, "Seconds before the first of these; doubled each time.");
    private readonly Option<IReadOnlyList<string>> _statuses = Options.List(
        section, "retriable_status_codes", ["502", "503", "504"], "Statuses of an answer that may be gone when the call is repeated.");

    public IReadOnlyList<Option> All =>
    [
        _caFile, _certFile, _keyFile, _insecure, _timeout, _collectTiming, _splitLoggers, _serviceType, _serviceName, _interfaces, _region, _endpoint,
        _connectRetries, _connectDelay, _statusRetries, _statusDelay, _statuses,
    ];

    /// <summary>The options of a session; faults are added, and then the result must not be used.</summary>
    public KeystoneSessionOptions Read(CyborgConfig config, Uri authUrl, KeystoneCredential credential, List<string> faults) => new()
    {
        AuthUrl = authUrl,
        Credential = credential,
        CaFile = ReadCa(config, faults),
        CertFile = ReadCertificate(config, faults),
        KeyFile = config.Get(_keyFile),
        Insecure = config.Get(_insecure),
        Timeout = ReadTime(config, _timeout, 86_400, faults),
        ServiceType = config.IsSet(_serviceType) ? config.Get(_serviceType) : null,
        ServiceName = config.Get(_serviceName),
        Interfaces = ReadInterfaces(config, faults),
        Region = config.Get(_region),
        EndpointOverride = ReadEndpoint(config, faults),
        Retries = config.Get(_connectRetries),
        RetryDelay = ReadTime(config, _connectDelay, 600, faults),
        StatusRetries = config.Get(_statusRetries),
        StatusRetryDelay = ReadTime(config, _statusDelay, 600, faults),
        RetryStatuses = ReadStatuses(config, faults),
    };

    private string? ReadCa(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_caFile) is { } file && FaultOf(() => new X509Certificate2Collection().ImportFromPemFile(file)) is { } fault)
            faults.Add($"{config.Place(_caFile)}: {Printable.Escape(file, 200)} cannot be used ({fault}); write a PEM file of certificates");
        return config.Get(_caFile);
    }

    private string? ReadCertificate(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_certFile) is not { } file)
        {
            if (config.Get(_keyFile) is not null)
                faults.Add($"{config.Place(_keyFile)}: needs certfile");
            return null;
        }
        if (FaultOf(() => X509Certificate2.CreateFromPemFile(file, config.Get(_keyFile)).Dispose()) is { } fault)
            faults.Add($"{config.Place(_certFile)}: {Printable.Escape(file, 200)} and its key cannot be used ({fault}); write PEM files of a certificate and its key");
        return file;
    }

    // The kind alone: an exception of a key file could tell of its content.
    private static string? FaultOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return fault.GetType().Name;
        }
    }

    private IReadOnlyList<string> ReadInterfaces(CyborgConfig config, List<string> faults)
    {
        var read = config.Get(_interfaces);
        if (read.Count == 0 || read.Any(name => ServiceCatalog.InterfaceName(name) is not ("internal" or "public" or "admin")))
            faults.Add($"{config.Place(_interfaces)}: has to name one or more of internal, public and admin");
        return read;
    }

    private Uri? ReadEndpoint(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_endpoint) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && KeystoneSessionOptions.IsPlainHttp(address))
            return address;
        faults.Add($"{config.Place(_endpoint)}: is no http or https address without user and password");
        return null;
    }

    private static TimeSpan ReadTime(CyborgConfig config, Option<double> option, int max, List<string> faults)
    {
        if (config.Get(option) is var seconds && seconds <= max)
            return TimeSpan.FromSeconds(seconds);
        faults.Add($"{config.Place(option)}: is out of bounds; write at most {max}");
        return TimeSpan.FromSeconds(1);
    }

    private List<int> ReadStatuses(CyborgConfig config, List<string> faults)
    {
        var read = new List<int>();
        foreach (var text in config.Get(_statuses))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599)
                read.Add(status);
            else
                faults.Add($"{config.Place(_statuses)}: '{Printable.Escape(text, 20)}' is no status of a failure; write numbers from 400 to 599");
        }
        return read;
    }
}
