using Cyborg.Conductor.Doctor;
using Cyborg.Hosting.Doctor;
using Cyborg.Storage;

namespace Cyborg.Conductor.Tests;

/// <summary>What the conductor's doctor says of the hosts.</summary>
public sealed class HostsCheckTests
{
    private static readonly Guid One = Guid.NewGuid(), Two = Guid.NewGuid();

    public static TheoryData<string, HostSummary[]> Cases => new()
    {
        { "Ok: no host has reported yet", [] },
        { "Ok: 2 hosts, all are heard", [Host("a", One), Host("b", Two)] },
        { "Failure: one agent speaks for several hosts: a, b", [Host("a", One), Host("b", One)] },
        { "Warning: 1 of 2 hosts are heard; not b: nothing new is placed there", [Host("a", One), Host("b", One) with { Live = false }] },
        { "Warning: hosts whose names differ in their case or domain only: node, NODE.example.org", [Host("node", One), Host("NODE.example.org", Two)] },
        { "Warning: 1 of 2 hosts are heard; not b: nothing new is placed there", [Host("a", One), Host("b", Two) with { Fenced = true, Live = false }] },
        { "Warning: 0 of 7 hosts are heard; not h0, h1, h2, h3, h4 and 2 more: nothing new is placed there",
            [.. Enumerable.Range(0, 7).Select(i => Host($"h{i}", null) with { Live = false })] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hosts_are_judged(string expected, HostSummary[] hosts)
    {
        var finding = HostsCheck.Judge(hosts);
        Assert.Equal(expected, $"{finding.Verdict}: {finding.Text}");
        Assert.Equal(finding.Verdict == DoctorVerdict.Ok, finding.Remedy is null);
    }

    private static HostSummary Host(string name, Guid? agent) => new(name, agent, Live: true, Fenced: false, DateTimeOffset.UnixEpoch);
}
