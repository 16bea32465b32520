using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace Cyborg.Messaging.Tests;

/// <summary>An operator with one account: signs what a server and its users need.</summary>
internal sealed class TestTokens
{
    private readonly KeyPair _operator = KeyPair.CreatePair(PrefixByte.Operator);
    private readonly KeyPair _account = KeyPair.CreatePair(PrefixByte.Account);

    /// <summary>Configuration of a server that trusts the operator.</summary>
    public string ServerConfig
    {
        get
        {
            var limits = new JsonObject();
            foreach (var name in new[] { "subs", "data", "payload", "imports", "exports", "conn", "leaf" })
                limits[name] = -1;
            limits["wildcards"] = true;
            var root = Sign(_operator, _operator, "operator", []);
            var account = Sign(_operator, _account, "account", new JsonObject { ["limits"] = limits });
            return $$"""
                operator: "{{root}}"
                resolver: MEMORY
                resolver_preload: { {{_account.GetPublicKey()}}: "{{account}}" }
                """;
        }
    }

    /// <summary>A new user of the account, as the text of a credentials file.</summary>
    public string Credentials()
    {
        var user = KeyPair.CreatePair(PrefixByte.User);
        var claims = new JsonObject { ["pub"] = new JsonObject(), ["sub"] = new JsonObject(), ["subs"] = -1, ["data"] = -1, ["payload"] = -1 };
        return $"""
            -----BEGIN NATS USER JWT-----
            {Sign(_account, user, "user", claims)}
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            -----BEGIN USER NKEY SEED-----
            {user.GetSeed()}
            ------END USER NKEY SEED------

            """;
    }

    private static string Sign(KeyPair issuer, KeyPair subject, string type, JsonObject claims)
    {
        claims["type"] = type;
        claims["version"] = 2;
        var body = new JsonObject
        {
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60,
            ["iss"] = issuer.GetPublicKey(),
            ["name"] = type,
            ["sub"] = subject.GetPublicKey(),
            ["nats"] = claims,
        };
        var signed = $"{Encode("""{"typ":"JWT","alg":"ed25519-nkey"}""")}.{Encode(body.ToJsonString())}";
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
