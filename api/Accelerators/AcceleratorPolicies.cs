using Cyborg.Identity.Policy;

namespace Cyborg.Api.Accelerators;

/// <summary>Who may see and change accelerators of v1. They are shared hardware without an owner: the target of each rule is the caller's own project.</summary>
internal static class AcceleratorPolicies
{
    public const string GetAll = "cyborg:accelerator:get_all";
    public const string GetOne = "cyborg:accelerator:get_one";
    public const string GetUsage = "cyborg:accelerator:get_usage";
    public const string Create = "cyborg:accelerator:create";
    public const string Update = "cyborg:accelerator:update";
    public const string Ready = "cyborg:accelerator:ready";
    public const string Attach = "cyborg:accelerator:attach";
    public const string Detach = "cyborg:accelerator:detach";
    public const string Delete = "cyborg:accelerator:delete";

    // Upstream's project_member_or_admin and project_manager_or_admin, in their parts: the combined rules let every token of a project in as long as
    // enforce_new_defaults is false, for the sake of clouds that were so before. No cloud was so with these.
    private const string Member = "rule:project_member_api or rule:admin_api";
    private const string Manager = "rule:project_manager_api or rule:admin_api";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, Member, "Show accelerator list", [new("GET", "/v1/accelerators")]) { ScopeTypes = ["project"] },
        new(GetOne, Member, "Show accelerator detail", [new("GET", "/v1/accelerators/{uuid}")]) { ScopeTypes = ["project"] },
        new(GetUsage, Member, "Show how much an accelerator is used", [new("GET", "/v1/accelerators/{uuid}/usage")]) { ScopeTypes = ["project"] },
        new(Create, Manager, "Create an accelerator", [new("POST", "/v1/accelerators"), new("POST", "/v1/accelerators/{uuid}")])
        {
            ScopeTypes = ["project"],
        },
        new(Update, Member, "Update the spec of an accelerator", [new("PUT", "/v1/accelerators/{uuid}"), new("PUT", "/v1/accelerators/{uuid}/{acc_spec}")])
        {
            ScopeTypes = ["project"],
        },
        new(Ready, Manager, "Set an accelerator ready or inactive", [new("PUT", "/v1/accelerators/{uuid}")]) { ScopeTypes = ["project"] },
        new(Attach, Manager, "Attach an accelerator", [new("PUT", "/v1/accelerators/{uuid}"), new("POST", "/v1/instances/{id}/attach")])
        {
            ScopeTypes = ["project"],
        },
        new(Detach, Manager, "Detach an accelerator", [new("DELETE", "/v1/accelerators/{uuid}"), new("POST", "/v1/instances/{id}/detach")])
        {
            ScopeTypes = ["project"],
        },
        new(Delete, Manager, "Have its backend take an accelerator away", [new("DELETE", "/v1/accelerators/{uuid}?deprovision=true")])
        {
            ScopeTypes = ["project"],
        },
    ];
}
