namespace Cyborg.Model;

/// <summary>How a virtual machine gets the accelerator; spelled as Nova reads it.</summary>
public enum AttachHandleType
{
    /// <summary>A PCI function.</summary>
    PCI,
    /// <summary>A mediated device.</summary>
    MDEV,
    /// <summary>A pretended PCI function of the fake driver; Nova ignores it.</summary>
    TEST_PCI,
}

/// <summary>Who has an attach handle.</summary>
public enum AttachHandleState
{
    /// <summary>Nobody.</summary>
    Free,
    /// <summary>One ARQ.</summary>
    Held,
    /// <summary>Given back, but the host has still to undo its work: a durable job, not free.</summary>
    Releasing,
    /// <summary>The host could not undo its work; an operator must look.</summary>
    Error,
}
