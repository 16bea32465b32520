"""What these tests do in Placement: placement.py URL TOKEN make|forget|show NAME.

make: a host's root provider, which nova-compute would make. forget: it and all below it. show: the names and inventories below it, a line each.
"""
import json
import sys
import urllib.parse
import urllib.request


def main(base, token, verb, name):
    def ask(method, path, body=None):
        headers = {"X-Auth-Token": token, "OpenStack-API-Version": "placement 1.20", "Content-Type": "application/json"}
        request = urllib.request.Request(base + path, method=method, headers=headers, data=body and json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"{}")

    roots = ask("GET", "/resource_providers?name=" + urllib.parse.quote(name))["resource_providers"]
    if verb == "make":
        if not roots:
            ask("POST", "/resource_providers", {"name": name})
        return
    for root in roots:
        tree = ask("GET", "/resource_providers?in_tree=" + root["uuid"])["resource_providers"]
        if verb == "show":
            for provider in tree:
                inventories = ask("GET", f"/resource_providers/{provider['uuid']}/inventories")["inventories"]
                print(provider["name"], *(f"{key}={value['total'] - value['reserved']}" for key, value in sorted(inventories.items())))
            continue
        parents = {provider["uuid"]: provider["parent_provider_uuid"] for provider in tree}
        while parents:
            leaf = next(uuid for uuid in parents if uuid not in parents.values())
            ask("DELETE", "/resource_providers/" + leaf)
            del parents[leaf]


if __name__ == "__main__":
    main(*sys.argv[1:])
