using Cyborg.Drivers.Generic;

namespace Cyborg.Drivers.Tests;

public sealed class SysfsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-sysfs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_value_is_written_to_a_file_that_is_there_and_no_file_is_made()
    {
        var path = Path.Combine(_folder, "create");
        Assert.Throws<FileNotFoundException>(() => SysfsFile.Write(path, "1"));
        Assert.Empty(Directory.GetFiles(_folder));
        File.WriteAllText(path, "");
        SysfsFile.Write(path, "86f358d4-2c31-475b-97bf-69c8ceaf5c88");
        Assert.Equal("86f358d4-2c31-475b-97bf-69c8ceaf5c88", SysfsFile.Read(path));
    }

    [Fact]
    public void What_is_not_there_is_null_and_what_cannot_be_read_is_told()
    {
        Assert.Null(SysfsFile.Read(Path.Combine(_folder, "absent")));
        Assert.Null(SysfsFile.Read(Path.Combine(_folder, "absent", "absent")));
        Assert.Contains("cannot be read", Assert.Throws<SysfsException>(() => SysfsFile.Read(_folder)).Message, StringComparison.Ordinal);
    }
}
