using Cyborg.Model;

namespace Cyborg.Drivers.Generic;

/// <summary>One way to find accelerators without knowing their vendor. A backend is a driver in itself; the generic driver joins the enabled ones.</summary>
internal interface IGenericBackend : IAcceleratorDriver
{
    /// <summary>True if control paths of this form are the backend's.</summary>
    bool Owns(DriverControlPath device);
}
