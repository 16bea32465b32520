using Cyborg.TestServers;

namespace Cyborg.Matrix.Tests;

/// <summary>A column of the matrix: who asks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Token">What the token stands for; null for no token, or one that Keystone does not know.</param>
/// <param name="Meaning">What it is, for the document.</param>
internal sealed record Persona(string Name, FakeToken? Token, string Meaning);

/// <summary>The columns, in the order in which the cells of a row stand.</summary>
internal static class Personas
{
    public const string NoToken = "none";

    public static IReadOnlyList<Persona> All { get; } =
    [
        new(NoToken, null, "no token"),
        new("bad", null, "a token that Keystone does not know"),
        new("expired", FakeToken.Expired, "an admin's token that has expired"),
        new("no role", FakeToken.NoRole, "in the project, with a role that no rule names"),
        new("reader", FakeToken.Reader, "reader of the project"),
        new("member", FakeToken.Member, "member of the project (and reader, which it implies)"),
        new("manager", FakeToken.Manager, "manager of the project (and member, reader)"),
        new("admin", FakeToken.Admin, "admin of the project (and manager, member, reader)"),
        new("admin alone", FakeToken.Admin with { UserId = "lone-admin", Roles = ["admin"] }, "admin where the role implies no other"),
        new("service", FakeToken.Service, "a service's own token: role service, in the project of services"),
        new("other member", FakeToken.OtherMember, "member of another project"),
        new("other admin", FakeToken.OtherAdmin, "admin of another project"),
        new("unscoped", FakeToken.Unscoped, "a token for nothing"),
        new("domain", FakeToken.Domain, "admin of a domain"),
        new("system", FakeToken.System, "admin of the system"),
    ];
}
