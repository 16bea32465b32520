using System.Text.Json.Nodes;

namespace Cyborg.Standalone.Tests;

// Version 1: attach, detach, state, create, take away.
internal sealed partial class MixedWorker
{
    private async Task<string> AttachAsync()
    {
        var (accelerator, named) = (AnyAccelerator(), true);
        var (type, target) = AnyTarget();
        var (method, path, body, version) = (HttpMethod.Put, $"/v1/accelerators/{accelerator.Uuid}", new JsonObject { ["name"] = accelerator.Name }, "1.1");
        switch (type == "host" ? _random.Next(2) : _random.Next(2, 7))
        {
            case 0:
                version = "1.0";
                break;
            case 1 or 2 or 3:
                body["target"] = new JsonObject { ["type"] = type, ["id"] = target };
                break;
            case 4:
                (method, path, body) = (HttpMethod.Post, $"/v1/instances/{target}/attach", new JsonObject { ["accelerator"] = accelerator.Name });
                break;
            case 5:
                (method, path, body, named) = (HttpMethod.Post, $"/v1/instances/{target}/attach", new JsonObject { ["device_profile"] = MixedCloud.Profile }, false);
                break;
            default:
                (method, path, body, named) = (HttpMethod.Post, $"/v1/instances/{target}/attach", [], false);
                break;
        }
        var answer = await _manager.AskAsync(method, path, body, _stop, version);
        if (answer.Status == 504)
            return await SettleAsync(accelerator.Uuid);
        if (answer.Status == 200)
        {
            var shown = version == "1.0" ? await _manager.AskAsync(HttpMethod.Get, path, null, _stop) : answer;
            return Array.Exists(_instances, instance => instance.ToString() == target) || type == "host"
                ? Attached(shown, type, target)
                : Wrong("a server that nobody has got an accelerator", answer);
        }
        if (named && _attachments.ContainsKey((accelerator.Uuid, target)))
            return Wrong("refused what is attached already", answer);
        if (answer.Status == 404 && accelerator.Stays && named && type == "host")
            return Wrong("an accelerator that stays was not found", answer);
        return Refused(answer, 404, 409);
    }

    private (string Type, string Target) AnyTarget() => _random.Next(20) switch
    {
        < 9 => ("host", MixedCloud.Host),
        < 19 => ("instance", _instances[_random.Next(_instances.Length)].ToString()),
        _ => ("instance", Guid.NewGuid().ToString()),
    };

    private string Attached(MixedAnswer answer, string type, string target)
    {
        var shown = answer.Body!;
        var accelerator = Uuid(shown["uuid"]);
        var entry = shown["attach_info"]!.AsArray().FirstOrDefault(one => (string?)one!["target"] == target);
        if (entry is null || (string?)entry["state"] != "attached" || (string?)entry["target_type"] != type || entry["attach_handle_info"] is not { } info)
            return Wrong("attached, and not shown so", answer);
        if (!_attachments.ContainsKey((accelerator, target)))
        {
            var mine = new MyAttachment(Uuid(entry["uuid"]), Uuid(entry["accelerator_request_uuid"]), type, HandleKey(Uuid(shown["resource_provider_uuid"]), info));
            _attachments.Add((accelerator, target), mine);
            _registry.Take(mine.Handle, $"attachment {mine.Uuid} of {Project}");
            if (type == "instance" && !_cloud.Nova.Actions.Any(done => done is { Name: "acc-attach", Status: 202 } && done.Arq == mine.Arq))
                Wrong("attached to a server, and Nova was never asked", answer);
        }
        return Compare(answer) ?? "200";
    }

    // What is shown of an accelerator must be what this worker knows; null if it is.
    private string? Compare(MixedAnswer answer)
    {
        var accelerator = Uuid(answer.Body!["uuid"]);
        var shown = answer.Body!["attach_info"]!.AsArray().Select(one => $"{one!["uuid"]} {one["accelerator_request_uuid"]} {one["target_type"]} {one["target"]} {one["state"]}").Order();
        var known = _attachments.Where(pair => pair.Key.Accelerator == accelerator)
            .Select(pair => $"{pair.Value.Uuid} {pair.Value.Arq} {pair.Value.Type} {pair.Key.Target} attached").Order();
        return shown.SequenceEqual(known) ? null : Wrong($"known are [{string.Join("; ", known)}]", answer);
    }

    // What goes on after its time ends by itself.
    private async Task<string> SettleAsync(Guid accelerator)
    {
        var end = await UntilAsync(
            () => _manager.AskAsync(HttpMethod.Get, $"/v1/accelerators/{accelerator}", null, _stop),
            answer => answer.Status == 404 || answer.Body!["attach_info"]!.AsArray().All(one => (string?)one!["state"] == "attached"));
        if (end is not { Status: 200 })
            return "504, then gone";
        foreach (var one in end.Body!["attach_info"]!.AsArray().Where(one => !_attachments.ContainsKey((accelerator, (string)one!["target"]!))).ToList())
            Attached(end, (string)one!["target_type"]!, (string)one["target"]!);
        return "504, then attached";
    }

    private Task<string> DetachSomeAsync()
    {
        if (_attachments.Count == 0 || _random.Next(8) == 0)
        {
            var (type, target) = AnyTarget();
            return DetachAsync(AnyAccelerator().Uuid, type, target);
        }
        var (key, mine) = _attachments.ElementAt(_random.Next(_attachments.Count));
        return DetachAsync(key.Accelerator, mine.Type, key.Target);
    }

    private async Task<string> DetachAsync(Guid accelerator, string type, string target)
    {
        var had = _attachments.Remove((accelerator, target), out var mine);
        if (had)
            _registry.GiveBack(mine!.Handle);
        var answer = type == "instance" && _random.Next(3) == 0
            ? await _manager.AskAsync(HttpMethod.Post, $"/v1/instances/{target}/detach", new JsonObject { ["accelerator"] = accelerator.ToString() }, _stop)
            : await _manager.AskAsync(HttpMethod.Delete, $"/v1/accelerators/{accelerator}?{type}={target}", null, _stop);
        if (answer.Status == 504)
            return await SettleAsync(accelerator);
        if (!had)
            return Refused(answer, 404, 409);
        if (answer.Status != 204)
            return Wrong("what is attached could not be detached", answer);
        return type == "instance" && !_cloud.Nova.Actions.Any(done => done is { Name: "acc-detach", Status: 202 } && done.Arq == mine!.Arq)
            ? Wrong("detached from a server, and Nova was never asked", answer)
            : "204";
    }

    private async Task<string> DetachWholeAsync()
    {
        var accelerator = AnyAccelerator().Uuid;
        var mine = _attachments.Where(pair => pair.Key.Accelerator == accelerator).ToList();
        foreach (var (_, attachment) in mine)
            _registry.GiveBack(attachment.Handle);
        var answer = await _manager.AskAsync(HttpMethod.Delete, $"/v1/accelerators/{accelerator}", null, _stop, "1.0");
        if (answer.Status is 204 or 504)
        {
            foreach (var (key, _) in mine)
                _attachments.Remove(key);
            return answer.Status == 504 ? await SettleAsync(accelerator) : mine.Count > 0 ? "204" : Wrong("detached from nothing", answer);
        }
        foreach (var (_, attachment) in mine)
            _registry.Take(attachment.Handle, $"attachment {attachment.Uuid} of {Project}, refused to be detached");
        return Refused(answer, mine.Count > 0 ? [409] : [404, 409]);
    }

    private async Task<string> DetachInstanceAsync()
    {
        var instance = _instances[_random.Next(_instances.Length)].ToString();
        var mine = GiveBackAll(instance);
        var answer = await _manager.AskAsync(HttpMethod.Post, $"/v1/instances/{instance}/detach", new JsonObject(), _stop);
        return answer.Status == (mine.Count > 0 ? 204 : 409) ? $"{answer.Status}" : Wrong($"{mine.Count} attachments were there", answer);
    }

    private List<(Guid Accelerator, MyAttachment Mine)> GiveBackAll(string instance)
    {
        var mine = _attachments.Where(pair => pair.Key.Target == instance).Select(pair => (pair.Key.Accelerator, pair.Value)).ToList();
        foreach (var (accelerator, attachment) in mine)
        {
            _registry.GiveBack(attachment.Handle);
            _attachments.Remove((accelerator, instance));
        }
        return mine;
    }

    private async Task<string> ShowAsync()
    {
        var accelerator = AnyAccelerator();
        var answer = await _manager.AskAsync(HttpMethod.Get, $"/v1/accelerators/{accelerator.Uuid}", null, _stop);
        if (answer.Status == 200)
            return Compare(answer) ?? "200";
        return accelerator.Stays || _attachments.Keys.Any(key => key.Accelerator == accelerator.Uuid) ? Wrong("not shown", answer) : Refused(answer, 404);
    }

    // One answer must not contradict itself, whoever changes what meanwhile.
    private async Task<string> ListAsync()
    {
        var answer = await _admin.AskAsync(HttpMethod.Get, "/v1/accelerators", null, _stop);
        if (answer.Status != 200)
            return Wrong("not listed", answer);
        var all = answer.Body!["accelerator"]!.AsArray();
        var entries = all.SelectMany(one => one!["attach_info"]!.AsArray().Select(entry => (Accelerator: one, Entry: entry!))).ToList();
        var handles = entries.Where(pair => pair.Entry["attach_handle_info"] is not null)
            .Select(pair => HandleKey(Uuid(pair.Accelerator["resource_provider_uuid"]), pair.Entry["attach_handle_info"]!)).ToList();
        var arqs = entries.Select(pair => (string?)pair.Entry["accelerator_request_uuid"]).OfType<string>().ToList();
        if (handles.Distinct().Count() < handles.Count || arqs.Distinct().Count() < arqs.Count)
            return Wrong("a handle or a request of two attachments", answer);
        if (entries.Find(pair => (string)pair.Entry["state"]! == "attached" && (pair.Entry["accelerator_request_uuid"] is null || pair.Entry["attach_handle_info"] is null)) is { Entry: { } bare })
            return Wrong("attached with nothing", bare.ToJsonString());
        foreach (var one in all)
        {
            var attached = one!["attach_info"]!.AsArray().Count(entry => (string)entry!["state"]! == "attached");
            if ((string)one["backend"]! == "fake_driver" && (attached > MixedCloud.HandlesPerCard || ((string)one["state"]! == "ready" && attached == MixedCloud.HandlesPerCard)))
                return Wrong("ready, and nothing is free", one.ToJsonString());
        }
        return "200";
    }

    private async Task<string> SetStateAsync()
    {
        // Not for long: what is inactive is attached to nothing.
        var accelerator = AnyAccelerator();
        var end = "none";
        foreach (var state in new[] { "inactive", "ready" })
        {
            var answer = await _manager.AskAsync(HttpMethod.Put, $"/v1/accelerators/{accelerator.Uuid}", new JsonObject { ["state"] = state }, _stop);
            end = answer.Status == 200 ? "200" : accelerator.Stays ? Wrong("not set", answer) : Refused(answer, 404, 409);
        }
        return end;
    }

    private async Task<string> CreateAsync()
    {
        var made = new KnownAccelerator(Guid.NewGuid(), $"made {Guid.NewGuid():N}", Stays: false);
        var body = new JsonObject
        {
            ["name"] = made.Name,
            ["uuid"] = made.Uuid.ToString(),
            ["backend"] = "static",
            ["acc_specs"] = new JsonObject { ["num"] = _random.Next(1, 3) },
        };
        var answer = await _manager.AskAsync(HttpMethod.Post, "/v1/accelerators", body, _stop);
        if (answer.Status != 201)
            return Wrong("not created", answer);
        _cloud.Accelerators[made.Uuid] = made;
        return "201";
    }

    private async Task<string> DeprovisionAsync()
    {
        var accelerator = AnyAccelerator();
        var holds = _attachments.Keys.Any(key => key.Accelerator == accelerator.Uuid);
        var answer = await _manager.AskAsync(HttpMethod.Delete, $"/v1/accelerators/{accelerator.Uuid}?deprovision=true", null, _stop);
        if (answer.Status != 204)
            return Refused(answer, accelerator.Stays || holds ? [409] : [404, 409]);
        _cloud.Accelerators.TryRemove(accelerator.Uuid, out _);
        return accelerator.Stays || holds ? Wrong("taken away", answer) : "204";
    }
}
