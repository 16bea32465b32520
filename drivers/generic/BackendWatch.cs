using Cyborg.Model;

namespace Cyborg.Drivers.Generic;

/// <summary>One backend, and what it last found.</summary>
internal sealed class BackendWatch(IGenericBackend backend, string kind)
{
    private volatile DriverFindings? _lastGood;

    public IGenericBackend Backend => backend;

    public string Name => backend.Name;

    public DriverBackend Description { get; } = new(backend.Name, kind);

    /// <summary>What it told when it last could; null before.</summary>
    public DriverFindings? LastGood => _lastGood;

    public bool HasFound(DriverControlPath device) => _lastGood?.Devices.Any(known => known.ControlPath == device) == true;

    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) =>
        _lastGood = await backend.DiscoverAsync(cancellationToken).ConfigureAwait(false);

    public async Task<BackendServices> DiscoverServicesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return DriverServices.Of(Description, await backend.DiscoverAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (DriverException e)
        {
            return new BackendServices(Description, e.Message, []);
        }
    }
}

/// <summary>What several backends found, without what an earlier one has already.</summary>
internal sealed class JoinedFindings
{
    private readonly List<DriverDevice> _devices = [];
    private readonly List<DiscoveryProblem> _problems = [];
    private readonly Dictionary<DriverControlPath, string> _owners = [];

    public void Add(string backend, DriverFindings found)
    {
        _problems.AddRange(found.Problems);
        foreach (var device in found.Devices)
        {
            if (_owners.TryAdd(device.ControlPath, backend))
                _devices.Add(device);
            else
                _problems.Add(new DiscoveryProblem(
                    device.ControlPath.CpidInfo, $"backend {backend} offers it, too; backend {_owners[device.ControlPath]} has it."));
        }
    }

    public DriverFindings ToFindings() => new(_devices, _problems);
}
