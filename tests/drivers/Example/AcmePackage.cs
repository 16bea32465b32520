namespace Cyborg.Drivers.Tests.Example;

/// <summary>The entry point of a package with the driver.</summary>
public sealed class AcmePackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new AcmeDriver(new AcmeOptions
    {
        Host = setting.Host,
        Root = setting.Options.GetValueOrDefault("root", "/sys/class/acme"),
    });
}
