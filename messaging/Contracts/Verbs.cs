using System.Text.Json.Serialization.Metadata;
using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Every call on the bus, in one list. Names are for good: a changed meaning is a new verb.</summary>
public static class Verbs
{
    private static readonly WireJson Json = WireJson.Default;

    /// <summary>Tells the revision of what lists are made of.</summary>
    public static readonly Verb<ReadRevision, Revision> ReadRevision = Read("revision", "read", Json.ReadRevision, Json.Revision);

    /// <summary>Lists devices.</summary>
    public static readonly Verb<ListDevices, DeviceList> ListDevices = Read("device", "list", Json.ListDevices, Json.DeviceList);
    /// <summary>Shows a device.</summary>
    public static readonly Verb<ById, Device> ShowDevice = Read("device", "show", Json.ById, Json.Device);
    /// <summary>Enables a device: waits a few seconds for its agent to install it, and is done either way.</summary>
    public static readonly Verb<ById, Done> EnableDevice = Write("device", "enable", Json.ById, Json.Done);
    /// <summary>Disables a device.</summary>
    public static readonly Verb<ById, Done> DisableDevice = Write("device", "disable", Json.ById, Json.Done);

    /// <summary>Lists deployables.</summary>
    public static readonly Verb<ListDeployables, DeployableList> ListDeployables = Read("deployable", "list", Json.ListDeployables, Json.DeployableList);
    /// <summary>Shows a deployable.</summary>
    public static readonly Verb<ById, Deployable> ShowDeployable = Read("deployable", "show", Json.ById, Json.Deployable);
    /// <summary>Programs a deployable with an image and shows it.</summary>
    public static readonly Verb<ProgramDeployable, Deployable> ProgramDeployable = Write("deployable", "program", Json.ProgramDeployable, Json.Deployable);

    /// <summary>Lists attributes.</summary>
    public static readonly Verb<ListAttributes, AttributeList> ListAttributes = Read("attribute", "list", Json.ListAttributes, Json.AttributeList);
    /// <summary>Shows an attribute.</summary>
    public static readonly Verb<ById, DeployableAttribute> ShowAttribute = Read("attribute", "show", Json.ById, Json.DeployableAttribute);
    /// <summary>Makes an attribute.</summary>
    public static readonly Verb<CreateAttribute, DeployableAttribute> CreateAttribute = Write("attribute", "create", Json.CreateAttribute, Json.DeployableAttribute);
    /// <summary>Deletes an attribute.</summary>
    public static readonly Verb<ById, Done> DeleteAttribute = Write("attribute", "delete", Json.ById, Json.Done);

    /// <summary>Lists device profiles.</summary>
    public static readonly Verb<ListProfiles, ProfileList> ListProfiles = Read("profile", "list", Json.ListProfiles, Json.ProfileList);
    /// <summary>Shows a device profile.</summary>
    public static readonly Verb<ShowProfile, DeviceProfile> ShowProfile = Read("profile", "show", Json.ShowProfile, Json.DeviceProfile);
    /// <summary>Makes a device profile.</summary>
    public static readonly Verb<CreateProfile, DeviceProfile> CreateProfile = Write("profile", "create", Json.CreateProfile, Json.DeviceProfile);
    /// <summary>Deletes device profiles.</summary>
    public static readonly Verb<DeleteProfiles, Done> DeleteProfiles = Write("profile", "delete", Json.DeleteProfiles, Json.Done);

    /// <summary>Lists ARQs.</summary>
    public static readonly Verb<ListArqs, ArqList> ListArqs = Read("arq", "list", Json.ListArqs, Json.ArqList);
    /// <summary>Shows an ARQ.</summary>
    public static readonly Verb<ShowArq, AcceleratorRequest> ShowArq = Read("arq", "show", Json.ShowArq, Json.AcceleratorRequest);
    /// <summary>Makes the ARQs of a profile.</summary>
    public static readonly Verb<CreateArqs, ArqList> CreateArqs = Write("arq", "create", Json.CreateArqs, Json.ArqList);
    /// <summary>Binds ARQs to an instance.</summary>
    public static readonly Verb<BindArqs, Done> BindArqs = Write("arq", "bind", Json.BindArqs, Json.Done);
    /// <summary>Gives ARQs back.</summary>
    public static readonly Verb<UnbindArqs, Done> UnbindArqs = Write("arq", "unbind", Json.UnbindArqs, Json.Done);
    /// <summary>Deletes ARQs.</summary>
    public static readonly Verb<DeleteArqs, Done> DeleteArqs = Write("arq", "delete", Json.DeleteArqs, Json.Done);
    /// <summary>Deletes the ARQs of an instance.</summary>
    public static readonly Verb<DeleteInstanceArqs, Done> DeleteInstanceArqs = Write("arq", "delete_by_instance", Json.DeleteInstanceArqs, Json.Done);

    /// <summary>Lists accelerators.</summary>
    public static readonly Verb<ListAccelerators, AcceleratorList> ListAccelerators = Read("accelerator", "list", Json.ListAccelerators, Json.AcceleratorList);
    /// <summary>Shows an accelerator.</summary>
    public static readonly Verb<ById, Accelerator> ShowAccelerator = Read("accelerator", "show", Json.ById, Json.Accelerator);
    /// <summary>Shows how much an accelerator is used, as far as the conductor that answers has heard.</summary>
    public static readonly Verb<ById, AcceleratorUsage> ShowUsage = Read("accelerator", "usage", Json.ById, Json.AcceleratorUsage);
    /// <summary>Creates an accelerator: waits for its backend, but not for ever.</summary>
    public static readonly Verb<CreateAccelerator, AcceleratorCreated> CreateAccelerator =
        Write("accelerator", "create", Json.CreateAccelerator, Json.AcceleratorCreated);
    /// <summary>Changes what an accelerator is and can do.</summary>
    public static readonly Verb<UpdateAccelerator, Done> UpdateAccelerator = Write("accelerator", "update", Json.UpdateAccelerator, Json.Done);
    /// <summary>Has the backend that made an accelerator take it away.</summary>
    public static readonly Verb<ById, Done> DeleteAccelerator = Write("accelerator", "delete", Json.ById, Json.Done);

    /// <summary>Attaches an accelerator to a server or a host: waits for it, but not for ever.</summary>
    public static readonly Verb<AttachAccelerator, Attachment> AttachAccelerator = Write("accelerator", "attach", Json.AttachAccelerator, Json.Attachment);
    /// <summary>Detaches an accelerator: waits for it, but not for ever.</summary>
    public static readonly Verb<DetachAccelerator, Detached> DetachAccelerator = Write("accelerator", "detach", Json.DetachAccelerator, Json.Detached);

    /// <summary>Lists the drivers of the hosts.</summary>
    public static readonly Verb<ListDrivers, DriverList> ListDrivers = Read("driver", "list", Json.ListDrivers, Json.DriverList);
    /// <summary>Installs a driver package on a host.</summary>
    public static readonly Verb<ChangeDriver, HostDriver> InstallDriver = Write("driver", "install", Json.ChangeDriver, Json.HostDriver);
    /// <summary>Puts another version of a driver package in the place of the present one.</summary>
    public static readonly Verb<ChangeDriver, HostDriver> UpdateDriver = Write("driver", "update", Json.ChangeDriver, Json.HostDriver);
    /// <summary>Takes a driver package from a host.</summary>
    public static readonly Verb<UninstallDriver, HostDriver> UninstallDriver = Write("driver", "uninstall", Json.UninstallDriver, Json.HostDriver);

    /// <summary>Lists what the hosts' backends offer.</summary>
    public static readonly Verb<ListServices, ServiceList> ListServices = Read("service", "list", Json.ListServices, Json.ServiceList);
    /// <summary>Has the hosts' backends asked what they offer, and lists it.</summary>
    public static readonly Verb<ListServices, ServiceList> DiscoverServices = Read("service", "discover", Json.ListServices, Json.ServiceList);

    /// <summary>An agent renews its lease. Its own repetition: it is not stored, and a later one makes up for a lost one.</summary>
    public static readonly Verb<Heartbeat, HeartbeatReply> Heartbeat = new(VerbTarget.Host, "host", "heartbeat", false, Json.Heartbeat, Json.HeartbeatReply);
    /// <summary>An agent reports its host's inventory.</summary>
    public static readonly Verb<ReportInventory, InventoryReply> ReportInventory =
        new(VerbTarget.Host, "inventory", "report", true, Json.ReportInventory, Json.InventoryReply);
    /// <summary>An agent reports how an install went.</summary>
    public static readonly Verb<ReportInstall, Done> ReportInstall =
        new(VerbTarget.Host, "device", "installed", true, Json.ReportInstall, Json.Done);

    /// <summary>An agent asks which devices it is to probe.</summary>
    public static readonly Verb<GetProbes, ProbeList> GetProbes = new(VerbTarget.Host, "device", "probes", false, Json.GetProbes, Json.ProbeList);
    /// <summary>An agent tells that a device's health has changed.</summary>
    public static readonly Verb<ReportProbe, Done> ReportProbe = new(VerbTarget.Host, "device", "probed", true, Json.ReportProbe, Json.Done);

    /// <summary>An agent asks what of its host Placement is to show.</summary>
    public static readonly Verb<GetProviders, HostProviders> GetProviders =
        new(VerbTarget.Host, "provider", "list", false, Json.GetProviders, Json.HostProviders);
    /// <summary>An agent tells which providers are gone, and which it adopted.</summary>
    public static readonly Verb<ReportProviders, Done> ReportProviders =
        new(VerbTarget.Host, "provider", "report", true, Json.ReportProviders, Json.Done);

    /// <summary>A conductor has an agent bring Placement up to date now. Its own repetition: what Placement shows is compared each time.</summary>
    public static readonly Verb<SyncProviders, SyncProvidersResult> SyncProviders =
        new(VerbTarget.Agent, "provider", "sync", false, Json.SyncProviders, Json.SyncProvidersResult);
    /// <summary>A conductor has an agent install a device now.</summary>
    public static readonly Verb<InstallDevice, InstallResult> InstallDevice =
        new(VerbTarget.Agent, "device", "install", true, Json.InstallDevice, Json.InstallResult);
    /// <summary>A conductor has an agent attach a handle.</summary>
    public static readonly Verb<HandleWork, HandleWorkResult> AttachHandle =
        new(VerbTarget.Agent, "handle", "attach", true, Json.HandleWork, Json.HandleWorkResult);
    /// <summary>A conductor has an agent undo an attachment.</summary>
    public static readonly Verb<HandleWork, HandleWorkResult> DetachHandle =
        new(VerbTarget.Agent, "handle", "detach", true, Json.HandleWork, Json.HandleWorkResult);
    /// <summary>A conductor has an agent attach a handle to its own host, for programs that run there.</summary>
    public static readonly Verb<HandleWork, HandleWorkResult> AttachToHost =
        new(VerbTarget.Agent, "handle", "attach_to_host", true, Json.HandleWork, Json.HandleWorkResult);
    /// <summary>A conductor has an agent undo an attachment to its own host.</summary>
    public static readonly Verb<HandleWork, HandleWorkResult> DetachFromHost =
        new(VerbTarget.Agent, "handle", "detach_from_host", true, Json.HandleWork, Json.HandleWorkResult);
    /// <summary>A conductor has an agent program a deployable.</summary>
    public static readonly Verb<ProgramDevice, ProgramResult> ProgramDevice =
        new(VerbTarget.Agent, "deployable", "program", true, Json.ProgramDevice, Json.ProgramResult);

    /// <summary>A conductor has a backend make an accelerator.</summary>
    public static readonly Verb<MakeAccelerator, BackendResult> MakeAccelerator =
        new(VerbTarget.Agent, "accelerator", "make", true, Json.MakeAccelerator, Json.BackendResult);
    /// <summary>A conductor has a backend change an accelerator, or take it away.</summary>
    public static readonly Verb<ChangeAccelerator, BackendResult> ChangeAccelerator =
        new(VerbTarget.Agent, "accelerator", "change", true, Json.ChangeAccelerator, Json.BackendResult);

    /// <summary>A conductor has an agent install a driver package.</summary>
    public static readonly Verb<PutDriver, HostDrivers> PlaceDriver = new(VerbTarget.Agent, "driver", "place", true, Json.PutDriver, Json.HostDrivers);
    /// <summary>A conductor has an agent put another version of a driver package in the place of the present one.</summary>
    public static readonly Verb<PutDriver, HostDrivers> ReplaceDriver = new(VerbTarget.Agent, "driver", "replace", true, Json.PutDriver, Json.HostDrivers);
    /// <summary>A conductor has an agent take a driver package away.</summary>
    public static readonly Verb<RemoveDriver, HostDrivers> RemoveDriver = new(VerbTarget.Agent, "driver", "remove", true, Json.RemoveDriver, Json.HostDrivers);
    /// <summary>A conductor has an agent ask its backends what they offer.</summary>
    public static readonly Verb<AskServices, HostDrivers> AskServices = new(VerbTarget.Agent, "service", "ask", false, Json.AskServices, Json.HostDrivers);

    private static Verb<TRequest, TReply> Read<TRequest, TReply>(string noun, string name, JsonTypeInfo<TRequest> request, JsonTypeInfo<TReply> reply) =>
        new(VerbTarget.Conductor, noun, name, false, request, reply);

    private static Verb<TRequest, TReply> Write<TRequest, TReply>(string noun, string name, JsonTypeInfo<TRequest> request, JsonTypeInfo<TReply> reply) =>
        new(VerbTarget.Conductor, noun, name, true, request, reply);
}
