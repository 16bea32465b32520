using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using Cyborg.Drivers;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Packages;

/// <summary>A driver that runs out of a package, in a load context of its own: it shares the driver contract and the model with the agent, and brings every
/// other assembly itself, so that two packages may need two versions of one.</summary>
internal sealed class LoadedPackage : IAsyncDisposable
{
    private readonly Context _context;

    private LoadedPackage(StoredPackage package, IAcceleratorDriver driver, Context context) => (Package, Driver, _context) = (package, driver, context);

    /// <summary>What it runs out of.</summary>
    public StoredPackage Package { get; }

    /// <summary>The driver.</summary>
    public IAcceleratorDriver Driver { get; }

    /// <summary>Loads a package and has it make its driver.</summary>
    /// <param name="package">The package; verified.</param>
    /// <param name="setting">What the driver gets to know.</param>
    /// <param name="log">Where it is told how it broke.</param>
    /// <exception cref="PackageException">It makes no driver.</exception>
    public static LoadedPackage Load(StoredPackage package, DriverPackageSetting setting, ILogger log)
    {
        var context = new Context(package);
        try
        {
            return new LoadedPackage(package, Make(package.Manifest, context, setting), context);
        }
        catch (Exception e)
        {
            context.Unload();
            if (e is PackageException)
                throw;
            var cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            if (cause is DriverException fault)
                throw new PackageException($"makes no driver: {fault.Message}", cause);
            Log.PackageBroke(log, cause, package.Manifest.Id, package.Manifest.Version);
            throw new PackageException($"makes no driver: {cause.GetType().Name}; the agent's log says more.", cause);
        }
    }

    /// <summary>Ends the driver and lets its assemblies go; those go when nothing of them runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Driver is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        else
            (Driver as IDisposable)?.Dispose();
        _context.Unload();
    }

    private static IAcceleratorDriver Make(PackageManifest manifest, Context context, DriverPackageSetting setting)
    {
        var type = context.LoadFile(manifest.Assembly).GetType(manifest.Type, throwOnError: false)
            ?? throw new PackageException($"has no type {manifest.Type} in {manifest.Assembly}.");
        if (!type.IsAssignableTo(typeof(IDriverPackage)) || type.IsAbstract || type.GetConstructor([]) is null)
            throw new PackageException($"has a type {manifest.Type} that is no {nameof(IDriverPackage)} with a constructor without parameters.");
        var driver = ((IDriverPackage)Activator.CreateInstance(type)!).Create(setting) ?? throw new PackageException("makes no driver.");
        return driver.Name == manifest.Id ? driver : throw new PackageException("makes a driver that has another name than the package.");
    }

    private sealed class Context(StoredPackage package) : AssemblyLoadContext($"{package.Manifest.Id} {package.Manifest.Version}", isCollectible: true)
    {
        private static readonly HashSet<string> Shared =
            [typeof(IAcceleratorDriver).Assembly.GetName().Name!, typeof(Model.DriverDevice).Assembly.GetName().Name!];

        /// <summary>Loads a file: the very bytes whose checksum is right, whatever becomes of the file.</summary>
        public Assembly LoadFile(string file)
        {
            var bytes = File.ReadAllBytes(Path.Combine(package.Folder, file));
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != package.Manifest.Files[file])
                throw new PackageException($"has a file {file} whose checksum is not that of its manifest.");
            return LoadFromStream(new MemoryStream(bytes, writable: false));
        }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var file = $"{assemblyName.Name}.dll";
            // Null is the agent's own: the shared ones, and those of .NET.
            return Shared.Contains(assemblyName.Name ?? "") || !package.Manifest.Files.ContainsKey(file) ? null : LoadFile(file);
        }

        protected override nint LoadUnmanagedDll(string unmanagedDllName)
        {
            string[] names = [unmanagedDllName, $"{unmanagedDllName}.so", $"lib{unmanagedDllName}.so"];
            return names.FirstOrDefault(package.Manifest.Files.ContainsKey) is { } file ? LoadUnmanagedDllFromPath(Path.Combine(package.Folder, file)) : 0;
        }
    }
}

/// <summary>Stands for an installed driver whose package cannot be loaded: nothing can be said about its devices, so they stay as they are known.</summary>
internal sealed class BrokenDriver(string id, string reason) : IAcceleratorDriver
{
    public string Name => id;

    /// <summary>Why, in a sentence.</summary>
    public string Reason => reason;

    public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => throw new DriverException(reason);

    public Task<DriverOutcome> InstallAsync(Model.DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Failed(reason));

    public Task<DriverOutcome> UninstallAsync(Model.DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Failed(reason));

    public Task<DriverOutcome> AttachAsync(
        Model.DriverControlPath device, Model.DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.Failed(reason));

    public Task<DriverOutcome> DetachAsync(
        Model.DriverControlPath device, Model.DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.Failed(reason));

    // Not the device's fault, and no news of it.
    public Task<DriverOutcome> ProbeAsync(Model.DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.NotSupported(reason));
}
