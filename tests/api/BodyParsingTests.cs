using Cyborg.Api.AcceleratorRequests;
using Cyborg.Api.Attributes;
using Cyborg.Api.Deployables;
using Cyborg.Api.DeviceProfiles;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

public sealed class BodyParsingTests
{
    private const string Uuid = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public void A_profile_keeps_its_groups_as_they_are_written()
    {
        var profile = NewDeviceProfile.Parse(Bodies.Json(
            $$"""[{"name": "a-b_1", "uuid": "{{Uuid}}", "description": null, "groups": [{"trait:CUSTOM_X": "required", "resources:FPGA": 2, "accel:note": null}], "links": []}]"""));
        Assert.Equal((new Guid(Uuid), "a-b_1", null), (profile.Uuid, profile.Name, profile.Description));
        Assert.Equal(
            [new("trait:CUSTOM_X", "required"), new("resources:FPGA", "2"), new("accel:note", null)],
            Assert.Single(profile.Groups).ToArray());
    }

    [Theory]
    [InlineData("{}", "Only one device profile allowed")]
    [InlineData("[]", "Only one device profile allowed")]
    [InlineData("[{}, {}]", "Only one device profile allowed")]
    [InlineData("\"x\"", "Only one device profile allowed")]
    [InlineData("[1]", "got a number")]
    [InlineData("[{\"name\": 1}]", "got a number")]
    [InlineData("[{\"name\": \"a b\"}]", "must be of the form")]
    [InlineData("[{\"name\": \"a\\n\"}]", "must be of the form")]
    [InlineData("[{\"name\": \"a\"}]", "needs groups")]
    [InlineData("[{\"name\": \"a\", \"groups\": null}]", "needs groups")]
    [InlineData("[{\"name\": \"a\", \"groups\": []}]", "needs groups")]
    [InlineData("[{\"name\": \"a\", \"groups\": {}}]", "list of objects")]
    [InlineData("[{\"name\": \"a\", \"groups\": [\"x\"]}]", "A group is an object")]
    [InlineData("[{\"name\": \"a\", \"groups\": [{\"resources:FPGA\": true}]}]", "takes a string, got a boolean")]
    [InlineData("[{\"name\": \"a\", \"groups\": [{\"resources:FPGA\": [1]}]}]", "takes a string, got a list")]
    [InlineData("[{\"name\": \"a\", \"groups\": [{\"resources:FPGA\": \"1\"}], \"description\": 1}]", "description")]
    [InlineData("[{\"name\": \"a\", \"groups\": [{\"resources:FPGA\": \"1\"}], \"uuid\": \"zzz\"}]", "Expected a uuid")]
    [InlineData("[{\"name\": \"a\", \"groups\": [{\"resources:FPGA\": \"1\"}], \"colour\": \"red\"}]", "Unknown attribute: \"colour\"")]
    public void A_malformed_profile_says_what_is_wrong(string body, string text) =>
        Bodies.Refused(() => NewDeviceProfile.Parse(Bodies.Json(body)), ApiError.Malformed, text);

    [Theory]
    [InlineData("[{}]")]
    [InlineData("[{\"name\": null}]")]
    [InlineData("[{\"name\": \"\"}]")]
    public void A_profile_without_a_name_has_an_error_of_its_own(string body) =>
        Bodies.Refused(() => NewDeviceProfile.Parse(Bodies.Json(body)), ApiError.ProfileName, "DeviceProfile name needed.");

    [Fact]
    public void A_profile_with_a_long_name_has_an_error_of_its_own() => Bodies.Refused(
        () => NewDeviceProfile.Parse(Bodies.Json($"[{{\"name\": \"{new string('n', 256)}\"}}]")), ApiError.ProfileName, "255 characters");

    [Fact]
    public void A_wrong_group_is_the_domains_fault()
    {
        var fault = Assert.Throws<FaultException>(
            () => NewDeviceProfile.Parse(Bodies.Json("[{\"name\": \"a\", \"groups\": [{\"colour:FPGA\": \"1\"}]}]")));
        Assert.Equal(FaultCode.InvalidInput, fault.Code);
    }

    [Theory]
    [InlineData("{\"deployable_id\": 7, \"key\": \"k\", \"value\": \"v\"}", 7, null)]
    [InlineData("{\"deployable_id\": \"7\", \"key\": \"k\", \"value\": \"v\", \"other\": {}}", 7, null)]
    [InlineData("{\"attribute\": {\"deployable_id\": \"7\", \"key\": \"k\", \"value\": \"v\"}}", 7, null)]
    [InlineData($"{{\"deployable_id\": \"{Uuid}\", \"key\": \"k\", \"value\": \"v\"}}", null, Uuid)]
    public void An_attribute_names_its_deployable_in_three_ways(string body, int? id, string? uuid) =>
        Assert.Equal(new CreateAttribute(id, uuid is null ? null : new Guid(uuid), "k", "v"), PostAttribute.Parse(Bodies.Json(body)));

    [Theory]
    [InlineData("[]", "got a list")]
    [InlineData("1", "got a number")]
    [InlineData("{}", "deployable_id is missing")]
    [InlineData("{\"attribute\": {}}", "deployable_id is missing")]
    [InlineData("{\"deployable_id\": null, \"key\": \"k\", \"value\": \"v\"}", "deployable_id is missing")]
    [InlineData("{\"deployable_id\": 1.5, \"key\": \"k\", \"value\": \"v\"}", "number or uuid")]
    [InlineData("{\"deployable_id\": 1e99, \"key\": \"k\", \"value\": \"v\"}", "number or uuid")]
    [InlineData("{\"deployable_id\": \"x\", \"key\": \"k\", \"value\": \"v\"}", "number or uuid")]
    [InlineData("{\"deployable_id\": [], \"key\": \"k\", \"value\": \"v\"}", "number or uuid")]
    [InlineData("{\"deployable_id\": 1, \"value\": \"v\"}", "key is missing")]
    [InlineData("{\"deployable_id\": 1, \"key\": \"\", \"value\": \"v\"}", "key is missing")]
    [InlineData("{\"deployable_id\": 1, \"key\": 2, \"value\": \"v\"}", "got a number")]
    [InlineData("{\"deployable_id\": 1, \"key\": \"k\"}", "value is missing")]
    [InlineData("{\"deployable_id\": 1, \"key\": \"k\", \"value\": {}}", "got an object")]
    public void A_malformed_attribute_says_what_is_wrong(string body, string text) =>
        Bodies.Refused(() => PostAttribute.Parse(Bodies.Json(body)), ApiError.Malformed, text);

    [Fact]
    public void A_programming_names_the_image_of_its_first_operation() => Assert.Equal(
        new Guid(Uuid),
        ProgramPatch.ParseImage(Bodies.Json($$"""[{"path": "/program", "op": "replace", "value": [{"image_uuid": "{{Uuid}}"}]}]""")));

    [Theory]
    [InlineData("[]", "program_info")]
    [InlineData("{}", "program_info")]
    [InlineData("[1]", "program_info")]
    [InlineData("[{}]", "path")]
    [InlineData("[{\"path\": \"program\", \"op\": \"replace\", \"value\": []}]", "path")]
    [InlineData("[{\"path\": \"/program\\n\", \"op\": \"replace\", \"value\": []}]", "path")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"move\", \"value\": []}]", "one of: add, remove, replace")]
    [InlineData("[{\"path\": \"/program\"}]", "op")]
    [InlineData("[{\"path\": \"/uuid\", \"op\": \"replace\", \"value\": []}]", "internal attribute")]
    [InlineData("[{\"path\": \"/name/x\", \"op\": \"replace\", \"value\": []}]", "internal attribute")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"replace\"}]", "need a value")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"remove\"}]", "image_uuid")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"replace\", \"value\": []}]", "image_uuid")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"replace\", \"value\": {\"image_uuid\": \"x\"}}]", "image_uuid")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"replace\", \"value\": [{\"image_uuid\": 1}]}]", "image_uuid")]
    [InlineData("[{\"path\": \"/program\", \"op\": \"replace\", \"value\": [{\"image_uuid\": \"zzz\"}]}]", "Expected a uuid but received zzz")]
    public void A_malformed_programming_says_what_is_wrong(string body, string text) =>
        Bodies.Refused(() => ProgramPatch.ParseImage(Bodies.Json(body)), ApiError.Malformed, text);

    [Theory]
    [InlineData("[]", "got a list")]
    [InlineData("{}", "DeviceProfile name needed.")]
    [InlineData("{\"device_profile_name\": null}", "DeviceProfile name needed.")]
    [InlineData("{\"device_profile_name\": 1}", "got a number")]
    public void A_request_without_a_profile_says_so(string body, string text) =>
        Bodies.Refused(() => PostAcceleratorRequests.ProfileName(Bodies.Json(body)), ApiError.Malformed, text);

    [Fact]
    public void Names_to_delete_are_split_and_a_single_uuid_is_a_uuid()
    {
        Assert.Equal([new ShowProfile(new Guid(Uuid), null)], DeleteDeviceProfiles.Named(Uuid));
        Assert.Equal([new ShowProfile(null, "a"), new ShowProfile(null, "b")], DeleteDeviceProfiles.Named("a,b,a"));
    }

    [Fact]
    public void Requests_to_delete_are_split_and_what_is_no_uuid_is_not_found()
    {
        Assert.Equal([new Guid(Uuid)], DeleteAcceleratorRequests.ParseList($"{Uuid}, {Uuid}"));
        Bodies.Refused(() => DeleteAcceleratorRequests.ParseList($"{Uuid},zzz"), ApiError.NotFound, "ExtArq not found with uuid=zzz");
    }

    [Fact]
    public void While_one_request_of_an_instance_is_being_bound_the_instance_is_locked()
    {
        var (bound, started) = (Arq(ArqState.Bound), Arq(ArqState.BindStarted));
        Assert.Equal([bound], GetAcceleratorRequests.SelectResolved([bound, started], ofOneInstance: false));
        Assert.Equal([bound], GetAcceleratorRequests.SelectResolved([bound], ofOneInstance: true));
        Assert.Throws<ApiException>(() => GetAcceleratorRequests.SelectResolved([bound, started], ofOneInstance: true));
    }

    private static AcceleratorRequest Arq(ArqState state) => new()
    {
        Uuid = Guid.NewGuid(),
        State = state,
        DeviceProfileName = "p",
        DeviceProfileGroupId = 0,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
