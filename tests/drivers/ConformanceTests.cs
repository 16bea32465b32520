using Cyborg.Drivers.Conformance;

namespace Cyborg.Drivers.Tests;

public sealed class FakeDiscoveryConformance() : DiscoveryConformance(new FakeBench(hostWork: false));

public sealed class FakeWorkConformance() : WorkConformance(new FakeBench(hostWork: false));

public sealed class FakeUsageConformance() : UsageConformance(new FakeBench(hostWork: true));

public sealed class FakeHostWorkDiscoveryConformance() : DiscoveryConformance(new FakeBench(hostWork: true));

public sealed class FakeHostWorkConformance() : WorkConformance(new FakeBench(hostWork: true));

public sealed class FakeHostAttachConformance() : HostAttachConformance(new FakeBench(hostWork: true));

public sealed class PciDiscoveryConformance() : DiscoveryConformance(new PciBench());

public sealed class PciWorkConformance() : WorkConformance(new PciBench());

public sealed class PciUsageConformance() : UsageConformance(new PciBench());

public sealed class PciHostDiscoveryConformance() : DiscoveryConformance(new PciHostBench());

public sealed class PciHostAttachConformance() : HostAttachConformance(new PciHostBench());

public sealed class MdevDiscoveryConformance() : DiscoveryConformance(new MdevBench());

public sealed class MdevWorkConformance() : WorkConformance(new MdevBench());

public sealed class MdevHostAttachConformance() : HostAttachConformance(new MdevBench());

public sealed class MdevUsageConformance() : UsageConformance(new MdevBench());

public sealed class StaticDiscoveryConformance() : DiscoveryConformance(new StaticBench());

public sealed class StaticWorkConformance() : WorkConformance(new StaticBench());

public sealed class StaticProvisioningConformance() : ProvisioningConformance(new StaticBench());

public sealed class StaticHostAttachConformance() : HostAttachConformance(new StaticBench());

public sealed class GenericDiscoveryConformance() : DiscoveryConformance(new GenericBench());

public sealed class GenericWorkConformance() : WorkConformance(new GenericBench());

public sealed class GenericProvisioningConformance() : ProvisioningConformance(new GenericBench());

public sealed class GenericHostAttachConformance() : HostAttachConformance(new GenericBench());

public sealed class GenericUsageConformance() : UsageConformance(new GenericBench());
