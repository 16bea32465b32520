using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>Random damage to good requests: whatever a client sends, the answer is never a 5xx and never shows the inside. Set <c>CYBORG_SEED</c> to play one again.</summary>
public sealed class OddRequestsTests(Service service) : IClassFixture<Service>
{
    private const int Requests = 3000;

    private static readonly (string Method, string Url, string Body)[] Good =
    [
        ("POST", "/v2/device_profiles", """[{"name": "odd", "description": "d", "uuid": "11111111-1111-4111-8111-111111111111", "groups": [{"resources:FPGA": "1", "trait:CUSTOM_X": "required", "accel:note": "x"}]}]"""),
        ("POST", "/v2/accelerator_requests", """{"device_profile_name": "odd"}"""),
        ("PATCH", "/v2/accelerator_requests", """{"11111111-1111-4111-8111-111111111111": [{"path": "/hostname", "op": "add", "value": "h"}, {"path": "/device_rp_uuid", "op": "add", "value": "11111111-1111-4111-8111-111111111111"}, {"path": "/instance_uuid", "op": "add", "value": "11111111-1111-4111-8111-111111111111"}]}"""),
        ("PATCH", "/v2/accelerator_requests", """{"11111111-1111-4111-8111-111111111111": [{"path": "/instance_uuid", "op": "remove"}]}"""),
        ("POST", "/v2/attributes", """{"deployable_id": 1, "key": "k", "value": "v"}"""),
        ("POST", "/v2/attributes", """{"attribute": {"deployable_id": "11111111-1111-4111-8111-111111111111", "key": "k", "value": "v"}}"""),
        ("PATCH", "/v2/deployables/11111111-1111-4111-8111-111111111111/program", """[{"path": "/program", "op": "replace", "value": [{"image_uuid": "11111111-1111-4111-8111-111111111111"}]}]"""),
        ("GET", "/v2/devices?type=FPGA&vendor=v&hostname=h&filters.field=limit&filters.value=1", ""),
        ("GET", "/v2/deployables?filters.field=sort_key&filters.value=name", ""),
        ("GET", "/v2/attributes?deployable_id=1&key=k", ""),
        ("GET", "/v2/device_profiles?name=a,b", ""),
        ("GET", "/v2/device_profiles/odd", ""),
        ("GET", "/v2/accelerator_requests?instance=11111111-1111-4111-8111-111111111111&bind_state=resolved", ""),
        ("DELETE", "/v2/accelerator_requests?arqs=11111111-1111-4111-8111-111111111111", ""),
        ("DELETE", "/v2/accelerator_requests?instance=11111111-1111-4111-8111-111111111111", ""),
        ("DELETE", "/v2/device_profiles?value=odd", ""),
        ("DELETE", "/v2/attributes/11111111-1111-4111-8111-111111111111", ""),
        ("POST", "/v2/devices/11111111-1111-4111-8111-111111111111/enable", ""),
        ("GET", "/v1/accelerators?name=n&state=ready&remote=0&limit=1&marker=11111111-1111-4111-8111-111111111111", ""),
        ("GET", "/v1/accelerators/11111111-1111-4111-8111-111111111111", ""),
        ("POST", "/v1/accelerators", """{"name": "odd", "uuid": "11111111-1111-4111-8111-111111111111", "host": "nowhere", "acc_specs": {"remote": 0, "num": 1, "device_type": "CRYPTO", "acc_capability": {"num": 2}}}"""),
        ("PUT", "/v1/accelerators/11111111-1111-4111-8111-111111111111", """{"acc_specs": {"remote": 0, "num": 1, "device_type": "CRYPTO", "acc_capability": {"num": 2, "ipsec": {"aes": {"3des": 50}}}}}"""),
        ("PUT", "/v1/accelerators/11111111-1111-4111-8111-111111111111", """{"state": "ready"}"""),
        ("PUT", "/v1/accelerators/11111111-1111-4111-8111-111111111111/num", """{"num": 2}"""),
        ("DELETE", "/v1/accelerators/11111111-1111-4111-8111-111111111111?deprovision=true", ""),
    ];

    private static readonly string[] OddValues =
    [
        "null", "true", "0", "-1", "2147483648", "1e400", "0.1", "\"\"", "\" \"", "[]", "{}", "[[]]", "[null]", "{\"\": \"\"}", "\"\\u0000\"", "\"\\ud800\"", "\"\\u202e\"",
        "\"resources:FPGA\"", "\"11111111-1111-4111-8111-11111111111\"", "\"zz\\nzz\"", "\"%s%n\"", "\"' OR 1=1 --\"", "\"é🦾\"", "[{}, {}]", "\"99999999999999999999\"",
    ];

    private static readonly string[] OddUrlParts = ["%00", "%FF", "%2F", "..", "%F0%9F%A6%BE", ",", "''", "%25", "&", "=", "?", "x", "-1", "99999999999999999999", ";", "%0d%0a", "*", "{}"];

    [Fact]
    public async Task Damaged_requests_are_refused_without_a_5xx()
    {
        Assert.SkipUnless(service.IsOurs, "Damages the data of an endpoint; runs only against the service of the test's process.");
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CYBORG_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < Requests; i++)
        {
            var (method, url, body) = Good[random.Next(Good.Length)];
            if (body.Length == 0 || random.Next(5) == 0)
                url = DamageUrl(url, random);
            var bytes = body.Length == 0 ? null : DamageBody(body, random);
            using var request = new HttpRequestMessage(new HttpMethod(method), service.Base + url);
            if (bytes is not null)
                request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            request.Headers.TryAddWithoutValidation("OpenStack-API-Version", "accelerator latest");
            using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var shown = $"CYBORG_SEED={seed}, request {i}: {method} {url} {(bytes is null ? "" : Encoding.UTF8.GetString(bytes))} -> {(int)answer.StatusCode} {text}";
            Assert.True((int)answer.StatusCode < 500, shown);
            Assert.False(text.Contains("   at ", StringComparison.Ordinal), shown);
        }
    }

    private static string DamageUrl(string url, Random random)
    {
        // Behind the first slash, so that the host stays.
        var at = random.Next(1, url.Length + 1);
        var part = OddUrlParts[random.Next(OddUrlParts.Length)];
        return random.Next(2) == 0 ? url.Insert(at, part) : url[..at] + part + url[Math.Min(url.Length, at + random.Next(12))..];
    }

    private static byte[] DamageBody(string body, Random random) => random.Next(4) switch
    {
        0 => DamageBytes(Encoding.UTF8.GetBytes(body), random),
        1 => Encoding.UTF8.GetBytes(body[..random.Next(body.Length)]),
        _ => Encoding.UTF8.GetBytes(DamageNode(JsonNode.Parse(body)!, random)),
    };

    private static byte[] DamageBytes(byte[] bytes, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    // The odd value is put in as text, because some of them no JSON library would write.
    private static string DamageNode(JsonNode root, Random random)
    {
        const string mark = "@@odd@@";
        var nodes = Descend(root).ToList();
        var victim = nodes[random.Next(nodes.Count)];
        var odd = OddValues[random.Next(OddValues.Length)];
        if (victim.Parent is null)
            return odd;
        if (victim.Parent is JsonObject map && random.Next(4) == 0)
        {
            var name = victim.GetPropertyName();
            map.Remove(name);
            if (random.Next(2) == 0)
                map[name + "x"] = mark;
        }
        else
            victim.ReplaceWith(mark);
        return root.ToJsonString().Replace($"\"{mark}\"", odd, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Descend(JsonNode node) => node switch
    {
        JsonObject map => map.Where(pair => pair.Value is not null).SelectMany(pair => Descend(pair.Value!)).Prepend(map),
        JsonArray list => list.Where(item => item is not null).SelectMany(item => Descend(item!)).Prepend(list),
        _ => [node],
    };
}
