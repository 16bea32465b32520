namespace Cyborg.Matrix.Tests;

/// <summary>A row of the matrix: a request, and what it is answered for each persona. In a row's cells <c>-</c> is 401, <c>x</c> 403, <c>?</c> 404,
/// and <c>o</c> the answer of success; blanks are for the eye.</summary>
/// <param name="Route">Method and path of the route table.</param>
/// <param name="Note">What sets the request apart from others of the route; empty if it is the only one.</param>
/// <param name="Success">Status of success.</param>
/// <param name="New">Cells with <c>enforce_new_defaults = true</c>.</param>
/// <param name="Old">Cells with <c>enforce_new_defaults = false</c>.</param>
/// <param name="Ask">Makes the request, with objects of its own where it changes or deletes one.</param>
internal sealed record Permission(string Route, string Note, int Success, string New, string Old, Func<Stage, Task<Ask>> Ask)
{
    /// <summary>True for a request that a service passes on: with its token in X-Service-Token.</summary>
    public bool IsPassedOn { get; init; }

    /// <summary>What a persona is answered.</summary>
    public int Expected(int persona, bool enforceNewDefaults) =>
        (enforceNewDefaults ? New : Old).Replace(" ", "", StringComparison.Ordinal)[persona] switch
        {
            '-' => 401,
            'x' => 403,
            '?' => 404,
            'o' => Success,
            var other => throw new InvalidOperationException($"'{other}' is no cell"),
        };

    public override string ToString() => Note.Length == 0 ? Route : $"{Route} ({Note})";
}

/// <summary>Who may do what. Written by hand from upstream's rules and observed outcomes, and from what this project decides otherwise: a check
/// is made on the request's own project, a caller without a project matches nothing, another project's request is not found. Never computed
/// by the engine that it tests.</summary>
internal static partial class Permissions
{
    // Columns, in groups: none bad expired | no role, reader, member, manager, admin, admin alone, service | other member, other admin |
    // unscoped, domain, system.
    private const string Everybody = "ooo ooooooo oo ooo";
    private const string NoUser = "--- xxxxxxx xx xxx";

    // Anybody with a project: the old defaults let the owner of the caller's own project in, which is every caller.
    private const string AnyProject = "--- ooooooo oo xxx";

    private const string Readers = "--- xooooox oo xxx";
    private const string Members = "--- xxoooox oo xxx";
    private const string Managers = "--- xxxooox xo xxx";
    private const string Admins = "--- xxxxoox xo xxx";

    // Passed on by a service: its token vouches for one that has expired since the user asked.
    private const string PassedOnNew = "--o xxooox? ?o xxx";
    private const string PassedOnOld = "--o oooooo? ?o xxx";

    // The check on a request's own project comes in addition for an administrator of another one.
    private const string DeleteNew = "--- xxooox? ?x xxx";
    private const string DeleteOld = "--- oooooo? ?o xxx";

    /// <summary>Every row.</summary>
    public static IReadOnlyList<Permission> All { get; } = [.. Version2(), .. Version1()];

    private static IEnumerable<Permission> Version2() =>
    [
        new("GET /", "", 200, Everybody, Everybody, stage => stage.Get("/")),
        new("GET /v2", "", 200, Everybody, Everybody, stage => stage.Get("/v2")),

        new("GET /v2/device_profiles", "", 200, Readers, AnyProject, stage => stage.Get("/v2/device_profiles")),
        new("GET /v2/device_profiles/{profile}", "", 200, Readers, AnyProject, stage => stage.Get($"/v2/device_profiles/{stage.ProfileUuid}")),
        new("POST /v2/device_profiles", "", 201, Admins, Admins, stage => stage.Post("/v2/device_profiles", stage.NewProfile())),
        new("DELETE /v2/device_profiles", "?value=NAME", 204, Admins, Admins,
            async stage => Ask.Delete($"/v2/device_profiles?value={await stage.MakeProfileAsync()}")),
        new("DELETE /v2/device_profiles/{profile}", "", 204, Admins, Admins,
            async stage => Ask.Delete($"/v2/device_profiles/{await stage.MakeProfileAsync()}")),

        new("GET /v2/accelerator_requests", "", 200, Readers, AnyProject, stage => stage.Get("/v2/accelerator_requests")),
        new("GET /v2/accelerator_requests/{uuid}", "", 200, "--- xooooox ?o xxx", "--- oooooo? ?o xxx",
            async stage => Ask.Get($"/v2/accelerator_requests/{await stage.MakeArqAsync()}")),
        new("POST /v2/accelerator_requests", "", 201, "--- xxoooxo oo xxx", AnyProject,
            stage => stage.Post("/v2/accelerator_requests", $$"""{"device_profile_name": "{{stage.Profile}}"}""")),
        new("PATCH /v2/accelerator_requests", "bind, by the user alone", 202, NoUser, NoUser, stage => stage.BindAsync()),
        new("PATCH /v2/accelerator_requests", "bind, passed on by a service", 202, PassedOnNew, PassedOnOld, stage => stage.BindAsync())
        { IsPassedOn = true },
        new("PATCH /v2/accelerator_requests", "unbind, by the user alone", 202, NoUser, NoUser, stage => stage.UnbindAsync()),
        new("PATCH /v2/accelerator_requests", "unbind, passed on by a service", 202, PassedOnNew, PassedOnOld, stage => stage.UnbindAsync())
        { IsPassedOn = true },
        new("PATCH /v2/accelerator_requests/{uuid}", "unbind, by the user alone", 202, NoUser, NoUser, stage => stage.UnbindAsync(inPath: true)),
        new("PATCH /v2/accelerator_requests/{uuid}", "unbind, passed on by a service", 202, PassedOnNew, PassedOnOld,
            stage => stage.UnbindAsync(inPath: true))
        { IsPassedOn = true },
        new("DELETE /v2/accelerator_requests", "?arqs=, not bound", 204, DeleteNew, DeleteOld,
            async stage => Ask.Delete($"/v2/accelerator_requests?arqs={await stage.MakeArqAsync()}")),
        new("DELETE /v2/accelerator_requests", "?arqs=, bound, by the user alone", 204, "--- xxxxxx? ?x xxx", "--- xxxxxx? ?x xxx",
            async stage => Ask.Delete($"/v2/accelerator_requests?arqs={await stage.MakeBoundArqAsync()}")),
        new("DELETE /v2/accelerator_requests", "?arqs=, bound, passed on by a service", 204, PassedOnNew, PassedOnOld,
            async stage => Ask.Delete($"/v2/accelerator_requests?arqs={await stage.MakeBoundArqAsync()}"))
        { IsPassedOn = true },
        new("DELETE /v2/accelerator_requests", "?instance=, by the user alone", 204, NoUser, NoUser,
            stage => stage.Delete($"/v2/accelerator_requests?instance={Guid.NewGuid()}")),
        new("DELETE /v2/accelerator_requests", "?instance=, passed on by a service", 204, "--o xxoooxo oo xxx", "--o ooooooo oo xxx",
            stage => stage.Delete($"/v2/accelerator_requests?instance={Guid.NewGuid()}"))
        { IsPassedOn = true },
        new("DELETE /v2/accelerator_requests/{arqs}", "not bound", 204, DeleteNew, DeleteOld,
            async stage => Ask.Delete($"/v2/accelerator_requests/{await stage.MakeArqAsync()}")),

        new("GET /v2/devices", "", 200, Managers, AnyProject, stage => stage.Get("/v2/devices")),
        new("GET /v2/devices/{uuid}", "", 200, Managers, AnyProject, stage => stage.Get($"/v2/devices/{stage.Device}")),
        new("POST /v2/devices/{uuid}/enable", "", 204, Admins, Admins, stage => stage.Post($"/v2/devices/{stage.Device}/enable", null)),
        new("POST /v2/devices/{uuid}/disable", "", 204, Admins, Admins, stage => stage.Post($"/v2/devices/{stage.Device}/disable", null)),

        new("GET /v2/deployables", "", 200, Managers, AnyProject, stage => stage.Get("/v2/deployables")),
        new("GET /v2/deployables/{uuid}", "", 200, Managers, AnyProject, stage => stage.Get($"/v2/deployables/{stage.Deployable}")),
        // Programming takes an image and time: for the matrix it is enough that who may learns that there is no such deployable.
        new("PATCH /v2/deployables/{uuid}/program", "of a deployable that does not exist", 404, Admins, Admins,
            stage => stage.Program(again: false)),
        new("PATCH /v2/deployables/{uuid}/program/{again}", "of a deployable that does not exist", 404, Admins, Admins,
            stage => stage.Program(again: true)),

        new("GET /v2/attributes", "", 200, Managers, AnyProject, stage => stage.Get("/v2/attributes")),
        new("GET /v2/attributes/{uuid}", "", 200, Managers, AnyProject,
            async stage => Ask.Get($"/v2/attributes/{await stage.MakeAttributeAsync()}")),
        new("POST /v2/attributes", "", 201, Admins, Admins, stage => stage.Post("/v2/attributes", stage.NewAttribute())),
        new("DELETE /v2/attributes", "?uuid=", 204, Admins, Admins,
            async stage => Ask.Delete($"/v2/attributes?uuid={await stage.MakeAttributeAsync()}")),
        new("DELETE /v2/attributes/{uuid}", "", 204, Admins, Admins,
            async stage => Ask.Delete($"/v2/attributes/{await stage.MakeAttributeAsync()}")),
    ];
}
