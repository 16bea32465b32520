using System.Text.Json.Nodes;

namespace Cyborg.Standalone.Tests;

// Version 2: what Nova asks for, in its order: Placement first, and last.
internal sealed partial class MixedWorker
{
    private async Task<string> BootAsync()
    {
        var (instance, provider) = (Guid.NewGuid(), _cloud.Providers[_random.Next(_cloud.Providers.Count)]);
        if (!_cloud.Placement.Allocate(instance, provider, MixedCloud.ResourceClass, 1))
            return "no valid host";
        _cloud.Nova.Place(instance, hasHost: true, Project);
        var arq = await NewRequestAsync();
        var path = $"/v2/accelerator_requests/{arq}";
        var bound = await _nova.AskAsync(HttpMethod.Patch, "/v2/accelerator_requests", Binding(arq, provider, instance), _stop);
        var end = bound.Status != 202
            ? null
            : await UntilAsync(() => _nova.AskAsync(HttpMethod.Get, path, null, _stop), answer => answer.Status != 200 || (string)answer.Body!["state"]! != "BindStarted");
        if (end is { Status: 200 } && (string)end.Body!["state"]! == "Bound")
        {
            var handle = HandleKey(provider, end.Body["attach_handle_info"]!);
            _servers.Add(instance, new MyServer(arq, provider, handle));
            _registry.Take(handle, $"server {instance}");
            return "202";
        }
        var outcome = !_cloud.HandlesFollowPlacement && bound.Status == 404 ? "404" : Wrong("Placement has room, and the bind failed", end ?? bound);
        await _nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?arqs={arq}", null, _stop);
        _cloud.Placement.Free(instance);
        return outcome;
    }

    private Task<string> DeleteServerAsync() => _servers.Count == 0 ? Task.FromResult("none") : DeleteServerAsync(_servers.Keys.ElementAt(_random.Next(_servers.Count)));

    private async Task<string> DeleteServerAsync(Guid instance)
    {
        _servers.Remove(instance, out var mine);
        _registry.GiveBack(mine!.Handle);
        var way = _random.Next(3);
        if (way == 0)
        {
            var unbound = await _nova.AskAsync(HttpMethod.Patch, "/v2/accelerator_requests", Unbinding(mine.Arq), _stop);
            if (unbound.Status != 202)
                Wrong("not unbound", unbound);
        }
        var query = way == 1 ? $"arqs={mine.Arq}" : $"instance={instance}";
        var answer = await _nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?{(way == 0 ? $"arqs={mine.Arq}" : query)}", null, _stop);
        _cloud.Nova.Delete(instance);
        _cloud.Placement.Free(instance);
        return answer.Status == 204 ? $"204 by {query.Split('=')[0]}" : Wrong("not deleted", answer);
    }

    private async Task<string> CreateLooseAsync()
    {
        _loose.Add(await NewRequestAsync());
        return "201";
    }

    private Task<string> DeleteLooseAsync() => _loose.Count == 0 ? Task.FromResult("none") : DeleteLooseAsync(_loose[_random.Next(_loose.Count)]);

    private async Task<string> DeleteLooseAsync(Guid arq)
    {
        _loose.Remove(arq);
        var answer = await _manager.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?arqs={arq}", null, _stop);
        return answer.Status == 204 ? "204" : Wrong("not deleted", answer);
    }

    /// <summary>Version 2 deletes what is an attachment of version 1: its request, or all of an instance, as Nova does when a server goes.</summary>
    private async Task<string> DeleteAttachedAsync()
    {
        if (_attachments.Count == 0)
            return "none";
        var (key, mine) = _attachments.ElementAt(_random.Next(_attachments.Count));
        List<Guid> touched = [key.Accelerator];
        var query = $"arqs={mine.Arq}";
        if (mine.Type == "instance" && _random.Next(2) == 0)
        {
            query = $"instance={key.Target}";
            touched = [.. GiveBackAll(key.Target).Select(pair => pair.Accelerator)];
        }
        else
        {
            _registry.GiveBack(mine.Handle);
            _attachments.Remove(key);
        }
        var answer = await _nova.AskAsync(HttpMethod.Delete, $"/v2/accelerator_requests?{query}", null, _stop);
        if (answer.Status != 204)
            return Wrong("not deleted", answer);
        foreach (var accelerator in touched)
        {
            var end = await UntilAsync(
                () => _manager.AskAsync(HttpMethod.Get, $"/v1/accelerators/{accelerator}", null, _stop),
                shown => shown.Status != 200 || shown.Body!["attach_info"]!.AsArray().All(one => (string?)one!["state"] == "attached"));
            if (end is { Status: 200 } && Compare(end) is { } wrong)
                return wrong;
        }
        return $"204 by {query.Split('=')[0]}";
    }

    private async Task<Guid> NewRequestAsync()
    {
        var made = await _nova.MustAsync(HttpMethod.Post, "/v2/accelerator_requests", new JsonObject { ["device_profile_name"] = MixedCloud.Profile }, 201, _stop);
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
