namespace Cyborg.Model.Tests;

public sealed class ProviderIdentityTests
{
    [Fact]
    public void A_provider_keeps_the_uuid_that_upstream_gives_it() =>
        Assert.Equal(Guid.Parse("f9d7848a-7688-361f-8e4b-3e58185de5fe"), ProviderIdentity.Uuid("compute1_FakeDevice"));
}
