using System.Globalization;
using System.Text;
using System.Text.Json;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Static;

/// <summary>Reads an inventory of accelerators; pure but for <see cref="Load"/>.</summary>
public static class StaticInventory
{
    /// <summary>How an inventory is written, for the help of its option.</summary>
    public const string Syntax =
        """
        A YAML map with one key, accelerators: a list of maps. Keys of each:
        id: its identity, 1 to 64 letters, digits, '.', '_' and '-'; must never change;
        type: GPU, FPGA, AICHIP, QAT, NIC or SSD;
        name, vendor, model, endpoint: texts of at most 255 characters; optional;
        num: accelerators that it offers at once, 1 by default;
        resource_class: PGPU, VGPU, FPGA or CUSTOM_*, instead of the type's;
        traits: a list of further traits;
        remote: 1 (default) if it is not attached to this server, else 0;
        device_type, acc_capability: what it is and can do, as in acc_specs of the API; optional.
        """;

    /// <summary>Largest file, in bytes.</summary>
    public const int MaxFile = 1024 * 1024;
    /// <summary>Most accelerators of one file.</summary>
    public const int MaxAccelerators = 1000;

    /// <summary>Reads a file and tells every fault, one line <c>file:line: ...</c> each.</summary>
    public static (IReadOnlyList<StaticAccelerator> Accelerators, IReadOnlyList<string> Faults) Load(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxFile + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > MaxFile)
                return ([], [$"{file}: is larger than {MaxFile} bytes"]);
            return Parse(file, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer, 0, length));
        }
        catch (DecoderFallbackException)
        {
            return ([], [$"{file}: is no UTF-8 text"]);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ([], [$"{file}: is not there"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], [$"{file}: cannot be read"]);
        }
    }

    /// <summary>Reads a text and tells every fault.</summary>
    /// <param name="file">The file's name, for the faults.</param>
    /// <param name="text">Its content.</param>
    public static (IReadOnlyList<StaticAccelerator> Accelerators, IReadOnlyList<string> Faults) Parse(string file, string text)
    {
        var faults = new List<string>();
        try
        {
            using var reader = new StringReader(text);
            var accelerators = Read(YamlTree.Read(reader), (line, what) => faults.Add($"{file}:{line}: {what}"));
            return faults.Count == 0 ? (accelerators, []) : ([], faults);
        }
        catch (YamlFault fault)
        {
            return ([], [$"{file}:{fault.Line}: {fault.Message}"]);
        }
    }

    private static List<StaticAccelerator> Read(YamlValue? document, Action<long, string> tell)
    {
        var accelerators = new List<StaticAccelerator>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in Entries(document, tell))
        {
            if (new Entry(entry, tell).Read() is not { } accelerator)
                continue;
            if (!ids.Add(accelerator.Id))
                tell(entry.Line, $"the id '{accelerator.Id}' is given twice");
            if (accelerator.Name is { } name && !names.Add(name))
                tell(entry.Line, $"the name '{name}' is given twice");
            accelerators.Add(accelerator);
        }
        if (accelerators.Count > MaxAccelerators)
            tell(1, $"there are more than {MaxAccelerators} accelerators");
        return accelerators;
    }

    private static IEnumerable<YamlMap> Entries(YamlValue? document, Action<long, string> tell)
    {
        if (document is null or YamlText { IsNull: true })
            yield break;
        if (document is not YamlMap map)
        {
            tell(document.Line, "is no map with the key 'accelerators'");
            yield break;
        }
        foreach (var (key, value) in map.Members)
        {
            if (key.Text != "accelerators")
                tell(key.Line, $"the key '{key.Text}' is unknown; there is one key, 'accelerators'");
            else if (value is YamlText { IsNull: true })
                continue;
            else if (value is not YamlList list)
                tell(value.Line, "accelerators is no list");
            else
                foreach (var item in list.Items)
                {
                    if (item is YamlMap entry)
                        yield return entry;
                    else
                        tell(item.Line, "an accelerator is no map");
                }
        }
    }

    /// <summary>One map of the list, with all that is wrong with it.</summary>
    private sealed class Entry(YamlMap map, Action<long, string> tell)
    {
        private static readonly HashSet<string> Keys =
        [
            "id", "name", "vendor", "model", "type", "num", "resource_class", "traits", "remote", "device_type", "endpoint", "acc_capability",
        ];

        private bool _wrong;

        public StaticAccelerator? Read()
        {
            foreach (var (key, _) in map.Members.Where(member => !Keys.Contains(member.Key.Text)))
                Wrong(key.Line, $"the key '{key.Text}' is unknown; keys of an accelerator are {string.Join(", ", Keys)}");
            var id = Required("id");
            if (id is not null && (id.Length > StaticAccelerator.MaxId || !GenericDriverOptions.IsName(id)))
                Wrong(LineOf("id"), $"the id '{id}' is not 1 to {StaticAccelerator.MaxId} letters, digits, '.', '_' and '-'");
            var type = Type();
            var accelerator = new StaticAccelerator
            {
                Id = id ?? "",
                Name = Text("name"),
                Vendor = Text("vendor") ?? "unknown",
                Model = Text("model") ?? "unknown",
                Type = type,
                ResourceClass = ResourceClass() ?? PciClasses.ResourceClass(type),
                Traits = Traits(),
                Endpoint = Text("endpoint"),
                Spec = new AcceleratorSpec
                {
                    Remote = Number("remote", 1, 0, 1) == 1,
                    Num = Number("num", 1, 1, AcceleratorSpec.MaxNum),
                    DeviceType = Text("device_type"),
                    Capability = Capability(),
                },
            };
            if (!_wrong && accelerator.Spec.Fault() is { } fault)
                Wrong(map.Line, fault.TrimEnd('.'));
            return _wrong ? null : accelerator;
        }

        private DeviceType Type()
        {
            var text = Required("type");
            if (text is null || Enum.GetNames<DeviceType>().Contains(text))
                return text is null ? default : Enum.Parse<DeviceType>(text);
            Wrong(LineOf("type"), $"type '{text}' is none of {string.Join(", ", Enum.GetNames<DeviceType>())}");
            return default;
        }

        private string? ResourceClass()
        {
            var text = Text("resource_class");
            if (text is not null && !PlacementNames.IsResourceClass(text))
                Wrong(LineOf("resource_class"), $"resource_class '{text}' is none of PGPU, VGPU, FPGA and CUSTOM_* (capitals, digits and _)");
            return text;
        }

        private List<string> Traits()
        {
            var traits = new List<string>();
            switch (Find("traits"))
            {
                case null or YamlText { IsNull: true }:
                    break;
                case YamlList list:
                    foreach (var item in list.Items)
                    {
                        if (item is YamlText { Text: var trait } && PlacementNames.IsTrait(trait))
                            traits.Add(trait);
                        else
                            Wrong(item.Line, $"'{(item as YamlText)?.Text}' is no trait that a device can have (CUSTOM_* in capitals, digits and _, or a standard one)");
                    }
                    break;
                case { } other:
                    Wrong(other.Line, "traits is no list");
                    break;
            }
            return traits;
        }

        private string Capability()
        {
            switch (Find("acc_capability"))
            {
                case null or YamlText { IsNull: true }:
                    return "{}";
                case YamlMap capability:
                    using (var bytes = new MemoryStream())
                    {
                        using (var json = new Utf8JsonWriter(bytes))
                            YamlTree.WriteJson(capability, json);
                        return Encoding.UTF8.GetString(bytes.ToArray());
                    }
                case { } other:
                    Wrong(other.Line, "acc_capability is no map");
                    return "{}";
            }
        }

        private int Number(string key, int @default, int min, int max)
        {
            var value = Find(key);
            if (value is null or YamlText { IsNull: true })
                return @default;
            if (value is YamlText { Text: var text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= min && number <= max)
                return number;
            Wrong(value.Line, $"{key} is no number from {min} to {max}");
            return @default;
        }

        private string? Required(string key)
        {
            var text = Text(key);
            if (text is null && !_wrong)
                Wrong(map.Line, $"an accelerator has no {key}");
            return text;
        }

        private string? Text(string key)
        {
            switch (Find(key))
            {
                case null or YamlText { IsNull: true }:
                    return null;
                case YamlText { Text.Length: > 0 and <= StaticAccelerator.MaxText } text:
                    return text.Text;
                case { } other:
                    Wrong(other.Line, $"{key} is no text of 1 to {StaticAccelerator.MaxText} characters");
                    return null;
            }
        }

        private long LineOf(string key) => Find(key)?.Line ?? map.Line;

        private YamlValue? Find(string key) => map.Members.FirstOrDefault(member => member.Key.Text == key).Value;

        private void Wrong(long line, string what)
        {
            _wrong = true;
            tell(line, what);
        }
    }
}
