using Cyborg.Api.AcceleratorRequests;
using Cyborg.Api.Errors;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

public sealed class BindPatchTests
{
    private const string Arq = "11111111-1111-4111-8111-111111111111";
    private const string Other = "22222222-2222-4222-8222-222222222222";
    private const string Provider = "33333333-3333-4333-8333-333333333333";
    private const string Instance = "44444444-4444-4444-8444-444444444444";
    private static readonly PatchRights Everything = new(KnowsProjectId: true, MayNameProject: true);

    [Fact]
    public void Adds_bind()
    {
        var patch = Parse($"{{\"{Arq}\": [{Add("hostname", "compute-1.example")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}]}}");
        Assert.Equal([new ArqBinding(new(Arq), "compute-1.example", new(Provider), new(Instance), null)], patch.Bindings);
        Assert.Empty(patch.Unbinds);
    }

    [Fact]
    public void An_administrator_may_name_the_project()
    {
        var patch = Parse($"{{\"{Arq}\": [{Full}, {Add("project_id", "p1")}]}}");
        Assert.Equal("p1", Assert.Single(patch.Bindings).ProjectId);
    }

    [Fact]
    public void A_null_project_is_none() =>
        Assert.Null(Assert.Single(Parse($"{{\"{Arq}\": [{Full}, {{\"path\": \"/project_id\", \"op\": \"add\", \"value\": null}}]}}").Bindings).ProjectId);

    [Fact]
    public void Others_may_not_name_the_project()
    {
        var fault = Bodies.Refused(
            () => Parse($"{{\"{Arq}\": [{Full}, {Add("project_id", "p1")}]}}", new PatchRights(true, false)), ApiError.Forbidden, "cyborg:arq:update");
        Assert.Equal("Access was denied to the following resource: cyborg:arq:update", fault.Message);
    }

    [Fact]
    public void Before_2_1_there_is_no_project_to_name() => Bodies.Refused(
        () => Parse($"{{\"{Arq}\": [{Full}, {Add("project_id", "p1")}]}}", new PatchRights(false, true)), ApiError.NeedsNewerVersion, "should be 2.1");

    [Fact]
    public void Removes_unbind_whatever_their_values()
    {
        var patch = Parse($"{{\"{Arq}\": [{{\"path\": \"/hostname\", \"op\": \"remove\", \"value\": 7}}], \"{Other}\": [{{\"path\": \"/instance_uuid\", \"op\": \"remove\"}}]}}");
        Assert.Equal([new Guid(Arq), new Guid(Other)], patch.Unbinds);
        Assert.Empty(patch.Bindings);
    }

    [Fact]
    public void Uuids_may_be_written_in_any_of_their_forms() =>
        Assert.Equal(new Guid(Arq), Assert.Single(Parse($"{{\"{Arq.Replace("-", "", StringComparison.Ordinal)}\": [{Full}]}}").Bindings).ArqUuid);

    public static TheoryData<string, string> Malformed => new()
    {
        { "[]", "got a list" },
        { "null", "got null" },
        { "\"x\"", "got a string" },
        { "{}", "names 1 to 512" },
        { $"{{\"zzz\": [{Full}]}}", "Expected a uuid but received zzz" },
        { $"{{\"{Arq}\": []}}", "at least one operation" },
        { $"{{\"{Arq}\": {{}}}}", "at least one operation" },
        { $"{{\"{Arq}\": [1]}}", "got a number" },
        { $"{{\"{Arq}\": [null]}}", "got null" },
        { $"{{\"{Arq}\": [{{}}]}}", "Every op must be add or remove" },
        { $"{{\"{Arq}\": [{{\"op\": \"add\", \"value\": \"x\"}}]}}", "lacks its path" },
        { $"{{\"{Arq}\": [{{\"op\": \"add\", \"path\": 1}}]}}", "path" },
        { $"{{\"{Arq}\": [{{\"op\": \"replace\", \"path\": \"/hostname\", \"value\": \"h\"}}]}}", "Every op must be add or remove" },
        { $"{{\"{Arq}\": [{Add("hostname", "h")}, {{\"path\": \"/hostname\", \"op\": \"remove\"}}]}}", "Every op must be add or remove" },
        { $"{{\"{Arq}\": [{Full}], \"{Other}\": [{{\"path\": \"/hostname\", \"op\": \"remove\"}}]}}", "Every op must be add or remove" },
        { $"{{\"{Arq}\": [{Full}, {Add("color", "red")}]}}", "Invalid path in patch /color" },
        { $"{{\"{Arq}\": [{Add("hostname", "h")}]}}", "Fields absent in patch device_rp_uuid,instance_uuid" },
        { $"{{\"{Arq}\": [{Full}, {Add("hostname", "h")}]}}", "given twice" },
        { $"{{\"{Arq}\": [{Full}], \"{Arq.Replace("-", "", StringComparison.Ordinal)}\": [{Full}]}}", "given twice" },
        { $"{{\"{Arq}\": [{Add("hostname", "")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}]}}", "/hostname" },
        { $"{{\"{Arq}\": [{Add("hostname", "a b")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}]}}", "/hostname" },
        { $"{{\"{Arq}\": [{Add("hostname", "a*")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}]}}", "/hostname" },
        { $"{{\"{Arq}\": [{Add("hostname", new string('h', 256))}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}]}}", "/hostname" },
        { $"{{\"{Arq}\": [{Add("hostname", "h")}, {Add("device_rp_uuid", "zzz")}, {Add("instance_uuid", Instance)}]}}", "Expected a uuid but received zzz" },
        { $"{{\"{Arq}\": [{Add("hostname", "h")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", "1")}]}}", "/instance_uuid" },
        { $"{{\"{Arq}\": [{{\"path\": \"/hostname\", \"op\": \"add\", \"value\": 1}}]}}", "got a number" },
        { $"{{\"{Arq}\": [{{\"path\": \"/hostname\", \"op\": \"add\"}}]}}", "Fields absent in patch hostname" },
        { $"{{\"{Arq}\": [{{\"path\": \"/hostname\", \"op\": \"add\", \"value\": null}}]}}", "Fields absent in patch hostname" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_patch_says_what_is_wrong(string body, string text) =>
        Bodies.Refused(() => Parse(body), ApiError.Malformed, text);

    [Fact]
    public void The_number_of_requests_is_bounded()
    {
        var body = string.Join(',', Enumerable.Range(0, BindPatch.MaxArqs + 1).Select(_ => $"\"{Guid.NewGuid()}\": [{Full}]"));
        Bodies.Refused(() => Parse($"{{{body}}}"), ApiError.Malformed, "got 513");
    }

    private static string Full => $"{Add("hostname", "h")}, {Add("device_rp_uuid", Provider)}, {Add("instance_uuid", Instance)}";

    private static string Add(string field, string value) => $"{{\"path\": \"/{field}\", \"op\": \"add\", \"value\": \"{value}\"}}";

    private static BindPatch Parse(string body, PatchRights? rights = null) => BindPatch.Parse(Bodies.Json(body), rights ?? Everything);
}
