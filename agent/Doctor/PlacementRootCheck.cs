using System.Text.Json;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Session;
using Cyborg.Placement;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Agent.Doctor;

/// <summary>Whether Placement has this host's own resource provider, which its compute service makes and below which the agent puts the accelerators.</summary>
internal static class PlacementRootCheck
{
    private static readonly Dictionary<string, string> Version = new() { ["OpenStack-API-Version"] = "placement 1.14" };

    public static DoctorCheck Of(string name, KeystoneSessionOptions login, TimeProvider time) => new("Placement", async stop =>
    {
        using var session = new KeystoneSession(login with { Retries = 0, StatusRetries = 0 }, NullLoggerFactory.Instance, time);
        try
        {
            var request = new ServiceRequest(HttpMethod.Get, $"/resource_providers?name={Uri.EscapeDataString(name)}") { Headers = Version };
            using var answer = await session.SendAsync(PlacementClient.ServiceType, request, stop).ConfigureAwait(false);
            return (int)answer.StatusCode == 200
                ? Judge(name, await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false))
                : Refused((int)answer.StatusCode);
        }
        catch (ServiceCallException fault)
        {
            return DoctorFinding.Failure(fault.Message, "Look at the line of Keystone, at openstack catalog list, and at [placement] of this file.");
        }
    });

    private static DoctorFinding Refused(int status) => status is 401 or 403
        ? DoctorFinding.Failure($"Placement answers {status}", "Give the user of [placement] the role that Placement asks for (service, or admin).")
        : DoctorFinding.Failure($"Placement answers {status}", "Look into Placement's own log.");

    private static DoctorFinding Judge(string name, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var provider in document.RootElement.GetProperty("resource_providers").EnumerateArray())
            {
                if (provider.TryGetProperty("parent_provider_uuid", out var parent) && parent.ValueKind == JsonValueKind.String)
                {
                    return DoctorFinding.Failure(
                        $"the provider {name} is a child of another one", "Set [agent] resource_provider_name to the hypervisor_hostname of this host (openstack hypervisor list).");
                }
                return DoctorFinding.Ok($"the provider {name} of this host is there ({provider.GetProperty("uuid").GetString()})");
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return DoctorFinding.Failure("Placement's answer makes no sense", "Look whether the address in the catalog is Placement's.");
        }
        return DoctorFinding.Failure(
            $"there is no provider {name}: nothing of this host is offered until it is there",
            "Start nova-compute here, or set [agent] resource_provider_name to this host's hypervisor_hostname (openstack hypervisor list).");
    }
}
