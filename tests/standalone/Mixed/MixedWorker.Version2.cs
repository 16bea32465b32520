using System.Text.Json.Nodes;

namespace Cyborg.Standalone.Tests;

// Version 2: what Nova asks for, in its order: Placement first, and last.
internal sealed partial class MixedWorker
{
    private async Task<string> BootAsync()
    {
        var (instance, provider) = (Guid.NewGuid(), cloud.Providers[random.Next(cloud.Providers.Count)]);
        if (!cloud.Placement.Allocate(instance, provider, MixedCloud.ResourceClass, 1))
            return "no valid host";
        cloud.Nova.Place(instance, hasHost: true, Project);
        var arq = await NewRequestAsync();
        var path = $"/v2/accelerator_requests/{arq}";
        var bound = await nova.AskAsync(HttpMethod.Patch, "/v2/accelerator_requests", Binding(arq, provider, instance), stop);
        var end = bound.Status != 202
            ? null
            : await UntilAsync(() => nova.AskAsync(HttpMethod.Get, path, null, stop), answer => answer.Status != 200 || (string)answer.Body!["state"]! != "BindStarted");
        if (end is { Status: 200 } && (string)end.Body!["state"]! == "Bound")
        {
            var handle = HandleKey(provider, end.Body["attach_handle_info"]!);
            servers.Add(instance, new MyServer(arq, provider, handle));
            registry.Take(handle, $"server {instance}");
            return "202";
        }
        var outcome = !cloud.HandlesFollowPlacement && bound.Status == 404 ? "404" : Wrong("Placement has room, and the bind failed", end ?? bound);
        await nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?arqs={arq}", null, stop);
        cloud.Placement.Free(instance);
        return outcome;
    }

    private Task<string> DeleteServerAsync() => servers.Count == 0 ? Task.FromResult("none") : DeleteServerAsync(servers.Keys.ElementAt(random.Next(servers.Count)));

    private async Task<string> DeleteServerAsync(Guid instance)
    {
        servers.Remove(instance, out var mine);
        registry.GiveBack(mine!.Handle);
        var way = random.Next(3);
        if (way == 0)
        {
            var unbound = await nova.AskAsync(HttpMethod.Patch, "/v2/accelerator_requests", Unbinding(mine.Arq), stop);
            if (unbound.Status != 202)
                Wrong("not unbound", unbound);
        }
        var query = way == 1 ? $"arqs={mine.Arq}" : $"instance={instance}";
        var answer = await nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?{(way == 0 ? $"arqs={mine.Arq}" : query)}", null, stop);
        cloud.Nova.Delete(instance);
        cloud.Placement.Free(instance);
        return answer.Status == 204 ? $"204 by {query.Split('=')[0]}" : Wrong("not deleted", answer);
    }

    private async Task<string> CreateLooseAsync()
    {
        loose.Add(await NewRequestAsync());
        return "201";
    }

    private Task<string> DeleteLooseAsync() => loose.Count == 0 ? Task.FromResult("none") : DeleteLooseAsync(loose[random.Next(loose.Count)]);

    private async Task<string> DeleteLooseAsync(Guid arq)
    {
        loose.Remove(arq);
        var answer = await manager.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?arqs={arq}", null, stop);
        return answer.Status == 204 ? "204" : Wrong("not deleted", answer);
    }

    /// <summary>Version 2 deletes what is an attachment of version 1: its request, or all of an instance, as Nova does when a server goes.</summary>
    private async Task<string> DeleteAttachedAsync()
    {
        if (attachments.Count == 0)
            return "none";
        var (key, mine) = attachments.ElementAt(random.Next(attachments.Count));
        List<Guid> touched = [key.Accelerator];
        var query = $"arqs={mine.Arq}";
        if (mine.Type == "instance" && random.Next(2) == 0)
        {
            query = $"instance={key.Target}";
            touched = [.. GiveBackAll(key.Target).Select(pair => pair.Accelerator)];
        }
        else
        {
            registry.GiveBack(mine.Handle);
            attachments.Remove(key);
        }
        var answer = await nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?{query}", null, stop);
        if (answer.Status != 204)
            return Wrong("not deleted", answer);
        foreach (var accelerator in touched)
        {
            var end = await UntilAsync(
                () => manager.AskAsync(HttpMethod.Get, $"/v1/accelerators/{accelerator}", null, stop),
                shown => shown.Status != 200 || shown.Body!["attach_info"]!.AsArray().All(one => (string?)one!["state"] == "attached"));
            if (end is { Status: 200 } && Compare(end) is { } wrong)
                return wrong;
        }
        return $"204 by {query.Split('=')[0]}";
    }

    private async Task<Guid> NewRequestAsync()
    {
        var made = await nova.MustAsync(HttpMethod.Post, "/v2/accelerator_requests", new JsonObject { ["device_profile_name"] = MixedCloud.Profile }, 201, stop);
        return Uuid(made!["arqs"]![0]!["uuid"]);
    }

    private static JsonObject Binding(Guid arq, Guid provider, Guid instance) => new()
    {
        [arq.ToString()] = new JsonArray(Add("hostname", MixedCloud.Host), Add("device_rp_uuid", provider.ToString()), Add("instance_uuid", instance.ToString())),
    };

    private static JsonObject Unbinding(Guid arq) => new()
    {
        [arq.ToString()] = new JsonArray(Remove("hostname"), Remove("device_rp_uuid"), Remove("instance_uuid")),
    };

    private static JsonObject Add(string field, string value) => new() { ["path"] = $"/{field}", ["op"] = "add", ["value"] = value };

    private static JsonObject Remove(string field) => new() { ["path"] = $"/{field}", ["op"] = "remove" };
}
