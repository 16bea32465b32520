using System.Net;
using System.Text;
using Cyborg.Identity.NoAuth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cyborg.Identity.Tests;

public sealed class NoAuthTests
{
    private static async Task<AuthenticateResult> Ask(Action<HttpContext>? prepare = null)
    {
        var (context, services) = Request();
        await using (services)
        {
            prepare?.Invoke(context);
            return await context.AuthenticateAsync(NoAuthDefaults.Scheme);
        }
    }

    private static (HttpContext Context, ServiceProvider Services) Request()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddAuthentication(NoAuthDefaults.Scheme).AddNoAuth();
        var services = collection.BuildServiceProvider();
        return (new DefaultHttpContext { RequestServices = services }, services);
    }

    private static async Task<Credentials> Caller(params (string Name, string Value)[] headers)
    {
        var result = await Ask(context =>
        {
            foreach (var (name, value) in headers)
                context.Request.Headers[name] = value;
        });
        Assert.True(result.Succeeded, result.Failure?.Message);
        Assert.Equal(NoAuthDefaults.Scheme, result.Ticket.AuthenticationScheme);
        return Credentials.From(result.Principal);
    }

    [Fact]
    public async Task Without_headers_the_caller_is_an_admin_of_one_project_and_a_service()
    {
        var caller = await Caller();
        Assert.Equal(NoAuthDefaults.ProjectId, caller.ProjectId);
        Assert.Equal(32, caller.ProjectId!.Length);
        Assert.Equal(NoAuthDefaults.UserId, caller.UserId);
        Assert.Equal(["admin", "member", "reader"], caller.Roles);
        Assert.Equal(["service"], caller.ServiceRoles);
        Assert.True(caller.IsAdmin);
        Assert.True(caller.IsService);
    }

    [Fact]
    public async Task Headers_try_another_persona()
    {
        var caller = await Caller(("x-project-id", "p2"), ("X-User-Id", "u2"), ("X-Roles", " reader , Member,,"));
        Assert.Equal("p2", caller.ProjectId);
        Assert.Equal("u2", caller.UserId);
        Assert.Equal(["reader", "Member"], caller.Roles);
        Assert.Empty(caller.ServiceRoles);
        Assert.False(caller.IsAdmin);
        Assert.False(caller.IsService);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("member", null, false)]
    [InlineData("", null, false)]
    [InlineData("member", "service", true)]
    [InlineData("member", "other, service", true)]
    [InlineData("member", "Service", false)]
    [InlineData(null, "", false)]
    [InlineData(null, "other", false)]
    public async Task Roles_decide_who_is_a_service(string? roles, string? serviceRoles, bool expected)
    {
        var headers = new List<(string, string)>();
        if (roles is not null)
            headers.Add(("X-Roles", roles));
        if (serviceRoles is not null)
            headers.Add(("X-Service-Roles", serviceRoles));
        Assert.Equal(expected, (await Caller([.. headers])).IsService);
    }

    [Fact]
    public async Task Another_project_alone_keeps_the_default_roles()
    {
        var caller = await Caller(("X-Project-Id", "p2"));
        Assert.Equal("p2", caller.ProjectId);
        Assert.True(caller.IsAdmin);
        Assert.True(caller.IsService);
    }

    [Fact]
    public async Task Empty_headers_take_away()
    {
        var caller = await Caller(("X-Project-Id", ""), ("X-User-Id", " "), ("X-Roles", ""));
        Assert.Null(caller.ProjectId);
        Assert.Null(caller.ProjectDomainId);
        Assert.Null(caller.UserId);
        Assert.Empty(caller.Roles);
    }

    [Theory]
    [InlineData("X-Project-Id", "a\nb")]
    [InlineData("X-User-Id", "a\u0000")]
    [InlineData("X-Roles", "admin\r\nX-Other: 1")]
    [InlineData("X-Service-Roles", "\u001b[31m")]
    [InlineData("X-Roles", "ädmin")]
    public async Task Control_characters_are_refused(string name, string value)
    {
        var result = await Ask(context => context.Request.Headers[name] = value);
        Assert.Equal($"{name} has a character that is not printable ASCII.", result.Failure?.Message);
    }

    [Fact]
    public async Task Sizes_are_bounded()
    {
        foreach (var (name, value) in new[]
        {
            ("X-Project-Id", new string('p', 256)), ("X-User-Id", new string('u', 256)), ("X-Roles", new string('r', 2049)),
            ("X-Roles", string.Join(',', Enumerable.Range(0, 65))),
        })
        {
            var result = await Ask(context => context.Request.Headers[name] = value);
            Assert.StartsWith(name, result.Failure?.Message);
        }
        Assert.Equal(255, (await Caller(("X-Project-Id", new string('p', 255)))).ProjectId!.Length);
    }

    [Fact]
    public async Task A_header_given_twice_is_refused()
    {
        var result = await Ask(context => context.Request.Headers["X-Roles"] = new(["reader", "admin"]));
        Assert.Equal("X-Roles is given more than once.", result.Failure?.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    public async Task Only_callers_of_this_machine_are_served(string address, bool expected)
    {
        var result = await Ask(context => context.Connection.RemoteIpAddress = IPAddress.Parse(address));
        Assert.Equal(expected, result.Succeeded);
    }

    [Fact]
    public async Task A_refusal_is_keystonemiddlewares_401()
    {
        var (context, services) = Request();
        await using (services)
        {
            using var body = new MemoryStream();
            context.Response.Body = body;
            await context.ChallengeAsync(NoAuthDefaults.Scheme);
            Assert.Equal(401, context.Response.StatusCode);
            Assert.Equal("application/json", context.Response.ContentType);
            Assert.Equal(
                """{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""",
                Encoding.UTF8.GetString(body.ToArray()));
        }
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("[::1]", true)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("*", false)]
    [InlineData("+", false)]
    [InlineData("", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("localhost.example.org", false)]
    [InlineData("127.0.0.1.example.org", false)]
    [InlineData("cloud", false)]
    public void Loopback_is_what_only_this_machine_reaches(string host, bool expected) => Assert.Equal(expected, NoAuthDefaults.IsLoopback(host));

    [Fact]
    public void Credentials_survive_as_a_principal()
    {
        var credentials = new Credentials
        {
            UserId = "u",
            ProjectId = "p",
            UserDomainId = "ud",
            ProjectDomainId = "pd",
            DomainId = "d",
            SystemScope = "all",
            Roles = ["a", "b"],
            ServiceRoles = ["s"],
            ServiceUserId = "su",
            ServiceUserDomainId = "sud",
            ServiceProjectId = "sp",
            ServiceProjectDomainId = "spd",
            IsAdminProject = false,
            IsService = true,
        };
        Assert.Same(credentials, Credentials.From(credentials.ToPrincipal("x")));
        // As another that carries its claims on: somebody may have added an identity.
        var read = Credentials.From(new System.Security.Claims.ClaimsPrincipal(credentials.ToPrincipal("x").Identities));
        Assert.Equal(credentials with { Roles = [], ServiceRoles = [] }, read with { Roles = [], ServiceRoles = [] });
        Assert.Equal(credentials.Roles, read.Roles);
        Assert.Equal(credentials.ServiceRoles, read.ServiceRoles);
        Assert.True(credentials.ToPrincipal("x").Identity!.IsAuthenticated);
    }

    [Fact]
    public void A_stranger_is_nobody()
    {
        var nobody = Credentials.From(new System.Security.Claims.ClaimsPrincipal());
        Assert.Null(nobody.UserId);
        Assert.Empty(nobody.Roles);
        Assert.False(nobody.IsService);
    }
}
