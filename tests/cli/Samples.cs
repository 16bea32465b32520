namespace Cyborg.Cli.Tests;

/// <summary>Answers of the service, as it writes them.</summary>
internal static class Samples
{
    public const string First = "11111111-1111-4111-8111-111111111111";
    public const string Second = "22222222-2222-4222-8222-222222222222";
    public const string Server = "5e5e5e5e-0000-4000-8000-000000000001";

    /// <summary>An accelerator of 1.1.</summary>
    public static string Accelerator(string uuid = First, string state = "ready", string attachInfo = "[]", string name = "one", string reason = "null") => $$$"""
        {"uuid": "{{{uuid}}}", "acc_specs": {"remote": 0, "num": 4, "device_type": "FPGA", "acc_capability": {"units": 4, "lanes": [1, 2.50], "mode": "on"}},
         "name": "{{{name}}}", "state": "{{{state}}}", "state_reason": {{{reason}}}, "host": "rack-7", "backend": "shelf, \"upper\"", "driver": "fake_driver", "acc_type": null,
         "vendor_id": "0xABCD", "product_id": "1e10", "resource_provider_uuid": "33333333-3333-4333-8333-333333333333",
         "resource_provider_uuids": ["33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"], "attach_info": {{{attachInfo}}}, "generation": 3,
         "links": [{"rel": "self", "href": "http://x/v1/accelerators/{{{uuid}}}"}], "created_at": "2026-11-22T20:00:00+00:00", "updated_at": null}
        """;

    /// <summary>An entry of attach_info.</summary>
    public static string Attachment(string state = "attached", string target = Server, string type = "instance") => $$$"""
        [{"uuid": "99999999-9999-4999-8999-999999999999", "target_type": "{{{type}}}", "target": "{{{target}}}", "state": "{{{state}}}", "reason": null,
          "accelerator_request_uuid": "88888888-8888-4888-8888-888888888888", "attach_handle_type": "PCI", "attach_handle_info": {"bus": "00"}}]
        """;

    /// <summary>Two accelerators.</summary>
    public static string List() => $$"""
        {"accelerator": [{{Accelerator()}}, {{Accelerator(Second, "attached", Attachment(), "name\\u001b[31mred", "\"too hot: 99°\"")}}]}
        """;

    public const string Drivers = """
        {"drivers": [
          {"id": "fake_driver", "hosts": [
            {"host": "rack-7", "version": null, "packaged": false, "state": "active", "state_reason": null, "backends": [{"name": "fake", "kind": "fake", "creates": true}]}]},
          {"id": "sample_driver", "hosts": [
            {"host": "rack-7", "version": "1.0.0", "packaged": true, "state": "active", "state_reason": null,
             "backends": [{"name": "a", "kind": "pci", "creates": false}, {"name": "b", "kind": "static", "creates": true}]},
            {"host": "rack-8", "version": "1.5.0", "packaged": true, "state": "error", "state_reason": "it sees nothing", "backends": []}]}]}
        """;

    public const string Services = """
        {"services": [{"host": "rack-7", "driver": "fake_driver", "backend": "fake", "function": "ipsec", "state": "up", "state_reason": null, "accelerators": 2}],
         "silent_hosts": []}
        """;
}
