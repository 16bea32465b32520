namespace Cyborg.E2E.Tests;

/// <summary>With tokens that only Keystone can read, and upstream's present default policies.</summary>
[Collection(FernetCollection.Name)]
public sealed class FernetAccessTests(FernetCloud cloud) : AccessTests(cloud);
