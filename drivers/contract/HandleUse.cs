namespace Cyborg.Drivers;

/// <summary>Who has an attach handle.</summary>
/// <param name="Handle">The handle's uuid, the same for as long as the handle is known. A mediated device is made under this name: Nova looks for it
/// by <c>attach_handle_uuid</c>.</param>
/// <param name="Arq">The accelerator request that has the handle now.</param>
public readonly record struct HandleUse(Guid Handle, Guid Arq);
