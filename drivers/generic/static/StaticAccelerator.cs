using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Static;

/// <summary>One accelerator of a static backend.</summary>
public sealed record StaticAccelerator
{
    /// <summary>Longest <see cref="Id"/>, in characters.</summary>
    public const int MaxId = 64;
    /// <summary>Longest <see cref="Name"/>, <see cref="Vendor"/>, <see cref="Model"/> and <see cref="Endpoint"/>, in characters.</summary>
    public const int MaxText = 255;

    /// <summary>Identity on its backend: 1 to <see cref="MaxId"/> letters, digits, <c>.</c>, <c>_</c> and <c>-</c>. For a created one its uuid.</summary>
    public required string Id { get; init; }
    /// <summary>Name for people; null if it has none but its identity.</summary>
    public string? Name { get; init; }
    /// <summary>Uuid that it was created with; null if it is in the inventory.</summary>
    public Guid? Uuid { get; init; }
    /// <summary>Vendor, e.g. a PCI vendor id.</summary>
    public string Vendor { get; init; } = "unknown";
    /// <summary>Model.</summary>
    public string Model { get; init; } = "unknown";
    /// <summary>Kind of device.</summary>
    public required DeviceType Type { get; init; }
    /// <summary>Resource class.</summary>
    public required string ResourceClass { get; init; }
    /// <summary>Traits beside <c>OWNER_CYBORG</c>.</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];
    /// <summary>Where it is reached, e.g. <c>10.0.0.7:4500</c>; null if nobody says.</summary>
    public string? Endpoint { get; init; }
    /// <summary>What it is and can do.</summary>
    public required AcceleratorSpec Spec { get; init; }

    /// <summary>An accelerator as it is created through the API, where nobody gives more than a spec.</summary>
    internal static StaticAccelerator Of(AcceleratorOrder order) => new()
    {
        Id = order.Uuid.ToString(),
        Name = order.Name,
        Uuid = order.Uuid,
        Model = order.Name,
        Type = NearestType(order.Spec.DeviceType),
        ResourceClass = ClassOf(order.Spec.DeviceType),
        Spec = order.Spec,
    };

    /// <summary>The accelerator as a device of the host.</summary>
    internal DriverDevice ToDevice(string host, string backend) => new()
    {
        Vendor = Vendor,
        Model = Model,
        Type = Type,
        StdBoardInfo = IdentityJson.Write([("backend", backend), ("remote", Spec.Remote ? 1 : 0)]),
        VendorBoardInfo = "miss_vb_info",
        ControlPath = PathOf(backend, Id),
        Deployables =
        [
            new DriverDeployable
            {
                Name = $"{host}_{backend}_{Id}",
                NumAccelerators = Spec.Num,
                DriverName = "static",
                Attributes = [.. Attributes()],
                // No hypervisor has anything to do for it: Nova passes such handles over.
                AttachHandles = [.. Enumerable.Range(1, Spec.Num).Select(unit => new DriverAttachHandle(
                    AttachHandleType.TEST_PCI, IdentityJson.Write([("accelerator", Id), ("backend", backend), ("unit", unit)])))],
            },
        ],
    };

    /// <summary>Control path of an accelerator: names the backend, so that work finds it before any discovery.</summary>
    internal static DriverControlPath PathOf(string backend, string id) => new("PCI", IdentityJson.Write(("accelerator", id), ("backend", backend)));

    // Words of the Pike proposal and their nearest of Cyborg's kinds; what a device is good for says its resource class.
    private static DeviceType NearestType(string? deviceType) => deviceType switch
    {
        null => DeviceType.FPGA,
        _ when Enum.GetNames<DeviceType>().Contains(deviceType) => Enum.Parse<DeviceType>(deviceType),
        "CRYPTO" or "COMPRESSION" or "IPSEC" => DeviceType.QAT,
        "NETWORK" => DeviceType.NIC,
        "STORAGE" => DeviceType.SSD,
        "AI" or "NPU" => DeviceType.AICHIP,
        _ => DeviceType.FPGA,
    };

    private static string ClassOf(string? deviceType)
    {
        var name = PlacementNames.Custom(deviceType ?? "ACCELERATOR");
        return PlacementNames.IsResourceClass(name) ? name : PlacementNames.Custom("ACCELERATOR");
    }

    private IEnumerable<DriverAttribute> Attributes()
    {
        yield return new DriverAttribute("rc", ResourceClass);
        var traits = new[] { PlacementNames.OwnerTrait }.Concat(Traits).Distinct(StringComparer.Ordinal);
        foreach (var (index, trait) in traits.Index())
            yield return new DriverAttribute($"trait{index}", trait);
        if (Name is { } name)
            yield return new DriverAttribute(AcceleratorAttributes.Name, name);
        if (Uuid is { } uuid)
            yield return new DriverAttribute(AcceleratorAttributes.Uuid, uuid.ToString());
        if (Endpoint is { } endpoint)
            yield return new DriverAttribute(AcceleratorAttributes.Endpoint, endpoint);
        foreach (var attribute in AcceleratorAttributes.Of(Spec))
            yield return attribute;
    }
}
