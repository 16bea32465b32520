using Cyborg.Model;

namespace Cyborg.Drivers.Generic;

/// <summary>One way to find accelerators without knowing their vendor. A backend is a driver in itself, with any of the optional interfaces; the generic
/// driver joins the enabled ones.</summary>
internal interface IGenericBackend : IAcceleratorDriver
{
    /// <summary>True if a control path is of the backend's form and within its options. It needs no discovery: after a restart, work on a device
    /// may come before any.</summary>
    bool Owns(DriverControlPath device);
}
