namespace Cyborg.Matrix.Tests;

// Version 1, the Pike proposal: accelerators are shared hardware without an owner. Its rules are built of the same base rules: members list, see
// and update, managers do the rest; with the old defaults so does everybody who has a project. What would change hardware is asked of an
// accelerator that does not exist, or with a body that lacks what it needs: who may learns just that.
internal static partial class Permissions
{
    private const string Specs = """{"acc_specs": {"num": 1}}""";

    private static IEnumerable<Permission> Version1() =>
    [
        new("GET /v1", "", 200, Everybody, Everybody, stage => stage.Get("/v1")),
        new("GET /v1/accelerators", "", 200, Members, AnyProject, stage => stage.Get("/v1/accelerators")),
        new("GET /v1/accelerators/{uuid}", "", 200, Members, AnyProject, stage => stage.Get($"/v1/accelerators/{stage.Device}")),
        new("POST /v1/accelerators", "without a name", 400, Managers, AnyProject, stage => stage.Post("/v1/accelerators", "{}")),
        new("POST /v1/accelerators/{uuid}", "without a name", 400, Managers, AnyProject, stage => stage.Post($"/v1/accelerators/{Guid.NewGuid()}", "{}")),
        new("PUT /v1/accelerators/{uuid}", "spec, of one that does not exist", 404, Members, AnyProject,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", Specs)),
        new("PUT /v1/accelerators/{uuid}", "state, of one that does not exist", 404, Managers, AnyProject,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", """{"state": "ready"}""", "accelerator 1.1")),
        new("PUT /v1/accelerators/{uuid}", "attach one that does not exist", 404, Managers, AnyProject,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", """{"name": "a"}""")),
        new("PUT /v1/accelerators/{uuid}/{acc_spec}", "of one that does not exist", 404, Members, AnyProject,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}/acc_specs", Specs)),
        new("DELETE /v1/accelerators/{uuid}", "detach one that does not exist", 404, Managers, AnyProject,
            stage => stage.Delete($"/v1/accelerators/{Guid.NewGuid()}")),
        new("DELETE /v1/accelerators/{uuid}", "?deprovision=true, of one that does not exist", 404, Managers, AnyProject,
            stage => stage.Delete($"/v1/accelerators/{Guid.NewGuid()}?deprovision=true", "accelerator 1.1")),
    ];
}
