namespace Cyborg.Model;

/// <summary>What a deployable is to run: an image, or whatever image has a function. One of the two is set.</summary>
/// <param name="Image">The image.</param>
/// <param name="Function">The function, as images name it in their property <c>accel:function_id</c>.</param>
public sealed record ImageWish(Guid? Image = null, string? Function = null)
{
    /// <summary>Longest name of a function, in characters: as long as the image service takes for a property.</summary>
    public const int MaxFunction = 255;

    /// <summary>What a group of a device profile asks for; null if it leaves the deployable as it is.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: the image is no uuid, or the function no name.</exception>
    public static ImageWish? Of(ProfileGroup group)
    {
        if (group.Hints.TryGetValue(ProfileGroup.BitstreamHint, out var bitstream))
        {
            return Guid.TryParseExact(bitstream, "D", out var image) || Guid.TryParseExact(bitstream, "N", out image)
                ? new ImageWish(image, null)
                : throw new FaultException(FaultCode.InvalidInput, $"accel:{ProfileGroup.BitstreamHint} is no image: it takes a uuid.");
        }
        if (!group.Hints.TryGetValue(ProfileGroup.FunctionHint, out var function))
            return null;
        return IsFunction(function)
            ? new ImageWish(null, function)
            : throw new FaultException(
                FaultCode.InvalidInput, $"accel:{ProfileGroup.FunctionHint} takes 1 to {MaxFunction} characters, none of them a control character.");
    }

    /// <summary>True for what may name a function.</summary>
    public static bool IsFunction(string? text) => text is { Length: > 0 and <= MaxFunction } && !text.Any(char.IsControl);

    /// <summary>The wish in words, for faults and logs.</summary>
    public override string ToString() => Image is { } image ? $"image {image}" : $"function {Function}";
}
