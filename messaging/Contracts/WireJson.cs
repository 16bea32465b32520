using System.Text.Json.Serialization;
using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>How every body on the bus is written; generated at compile time. Unknown fields are ignored, so that a newer peer may add some.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(ReportInventory))]
[JsonSerializable(typeof(InventoryReply))]
[JsonSerializable(typeof(IReadOnlyList<DriverDiscovery>))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(HeartbeatReply))]
[JsonSerializable(typeof(HandleWork))]
[JsonSerializable(typeof(HandleWorkResult))]
[JsonSerializable(typeof(InstallDevice))]
[JsonSerializable(typeof(InstallResult))]
[JsonSerializable(typeof(ReportInstall))]
[JsonSerializable(typeof(ProgramDevice))]
[JsonSerializable(typeof(ListDevices))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(ById))]
[JsonSerializable(typeof(Device))]
[JsonSerializable(typeof(ListDeployables))]
[JsonSerializable(typeof(DeployableList))]
[JsonSerializable(typeof(Deployable))]
[JsonSerializable(typeof(ProgramDeployable))]
[JsonSerializable(typeof(ListAttributes))]
[JsonSerializable(typeof(AttributeList))]
[JsonSerializable(typeof(CreateAttribute))]
[JsonSerializable(typeof(DeployableAttribute))]
[JsonSerializable(typeof(ListProfiles))]
[JsonSerializable(typeof(ProfileList))]
[JsonSerializable(typeof(ShowProfile))]
[JsonSerializable(typeof(DeviceProfile))]
[JsonSerializable(typeof(CreateProfile))]
[JsonSerializable(typeof(DeleteProfiles))]
[JsonSerializable(typeof(CreateArqs))]
[JsonSerializable(typeof(ArqList))]
[JsonSerializable(typeof(ListArqs))]
[JsonSerializable(typeof(ShowArq))]
[JsonSerializable(typeof(AcceleratorRequest))]
[JsonSerializable(typeof(BindArqs))]
[JsonSerializable(typeof(UnbindArqs))]
[JsonSerializable(typeof(DeleteArqs))]
[JsonSerializable(typeof(DeleteInstanceArqs))]
public sealed partial class WireJson : JsonSerializerContext;
