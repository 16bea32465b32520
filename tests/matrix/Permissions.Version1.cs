namespace Cyborg.Matrix.Tests;

// Version 1, the Pike proposal: accelerators are shared hardware without an owner. Members list, see and
// update accelerators, managers do the rest, with the old defaults as well: there was no cloud in which everybody might. What would change hardware is asked of an
// accelerator that does not exist, or with a body that lacks what it needs: who may learns just that.
internal static partial class Permissions
{
    private const string Specs = """{"acc_specs": {"num": 1}}""";

    private static IEnumerable<Permission> Version1() =>
    [
        new("GET /v1", "", 200, Everybody, Everybody, stage => stage.Get("/v1")),
        new("GET /v1/accelerators", "", 200, Members, Members, stage => stage.Get("/v1/accelerators")),
        new("GET /v1/accelerators/{uuid}", "", 200, Members, Members, stage => stage.Get($"/v1/accelerators/{stage.Device}")),
        new("GET /v1/accelerators/{uuid}/usage", "", 200, Members, Members, stage => stage.Get($"/v1/accelerators/{stage.Device}/usage", "accelerator 1.1")),
        new("POST /v1/accelerators", "without a name", 400, Managers, Managers, stage => stage.Post("/v1/accelerators", "{}")),
        new("POST /v1/accelerators/{uuid}", "without a name", 400, Managers, Managers, stage => stage.Post($"/v1/accelerators/{Guid.NewGuid()}", "{}")),
        new("PUT /v1/accelerators/{uuid}", "spec, of one that does not exist", 404, Members, Members,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", Specs)),
        new("PUT /v1/accelerators/{uuid}", "state, of one that does not exist", 404, Managers, Managers,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", """{"state": "ready"}""", "accelerator 1.1")),
        new("PUT /v1/accelerators/{uuid}", "attach one that does not exist", 404, Managers, Managers,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}", """{"name": "a"}""")),
        new("PUT /v1/accelerators/{uuid}/{acc_spec}", "of one that does not exist", 404, Members, Members,
            stage => stage.Put($"/v1/accelerators/{Guid.NewGuid()}/acc_specs", Specs)),
        new("DELETE /v1/accelerators/{uuid}", "detach one that does not exist", 404, Managers, Managers,
            stage => stage.Delete($"/v1/accelerators/{Guid.NewGuid()}")),
        new("DELETE /v1/accelerators/{uuid}", "?deprovision=true, of one that does not exist", 404, Managers, Managers,
            stage => stage.Delete($"/v1/accelerators/{Guid.NewGuid()}?deprovision=true", "accelerator 1.1")),
        new("POST /v1/instances/{id}/attach", "an accelerator that does not exist", 404, Managers, Managers,
            stage => stage.Post($"/v1/instances/{Guid.NewGuid()}/attach", $$"""{"accelerator": "{{Guid.NewGuid()}}"}""")),
        new("POST /v1/instances/{id}/detach", "an accelerator that does not exist", 404, Managers, Managers,
            stage => stage.Post($"/v1/instances/{Guid.NewGuid()}/detach", $$"""{"accelerator": "{{Guid.NewGuid()}}"}""")),
        new("GET /v1/drivers", "", 200, Members, Members, stage => stage.Get("/v1/drivers")),
        new("GET /v1/drivers/{id}", "", 200, Members, Members, stage => stage.Get("/v1/drivers/fake_driver")),
        new("POST /v1/drivers", "without an id", 400, Managers, Managers, stage => stage.Post("/v1/drivers", "{}")),
        new("PUT /v1/drivers/{id}", "one that does not exist", 404, Managers, Managers, stage => stage.Put("/v1/drivers/nothing", "{}")),
        new("DELETE /v1/drivers/{id}", "one that does not exist", 404, Managers, Managers, stage => stage.Delete("/v1/drivers/nothing")),
        new("GET /v1/services", "", 200, Members, Members, stage => stage.Get("/v1/services")),
        new("POST /v1/services/discover", "", 200, Managers, Managers, stage => stage.Post("/v1/services/discover", "")),
    ];
}
