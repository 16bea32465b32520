using Cyborg.Drivers;

namespace Cyborg.SamplePackage;

/// <summary>The package as it should be: its cards are named by the option <c>cards</c>, <c>c1</c> by default.</summary>
public sealed class SamplePackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new SampleDriver(setting, Cards(setting));

    internal static string[] Cards(DriverPackageSetting setting) => setting.Options.GetValueOrDefault("cards", "c1").Split(',');
}

/// <summary>A package that finds a card less than <see cref="SamplePackage"/>.</summary>
public sealed class ShortSightedPackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new SampleDriver(setting, SamplePackage.Cards(setting)[1..]);
}

/// <summary>A package that finds nothing out.</summary>
public sealed class BlindPackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new SampleDriver(setting, null);
}

/// <summary>A package whose driver never gives a device back.</summary>
public sealed class ClingingPackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new SampleDriver(setting, SamplePackage.Cards(setting)) { Clings = true };
}

/// <summary>A package that breaks when it is made.</summary>
public sealed class ThrowingPackage : IDriverPackage
{
    public ThrowingPackage() => throw new InvalidOperationException("the password is hunter2");

    public IAcceleratorDriver Create(DriverPackageSetting setting) => throw new NotSupportedException();
}

/// <summary>A package that misses an option.</summary>
public sealed class DemandingPackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => throw new DriverException("the option address is missing.");
}

/// <summary>A package whose driver has another name.</summary>
public sealed class MisnamedPackage : IDriverPackage
{
    public IAcceleratorDriver Create(DriverPackageSetting setting) => new SampleDriver(setting, []) { Name = "somebody_else" };
}

/// <summary>No package.</summary>
public sealed class Nothing;
