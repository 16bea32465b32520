using Cyborg.Agent.Images;
using Cyborg.Drivers;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Agent.Tests;

/// <summary>Images from an image service: found, fetched, bounded, verified, and gone afterwards.</summary>
public sealed class ImageTests : IAsyncDisposable
{
    private static readonly byte[] s_data = [.. Enumerable.Range(0, 300_000).Select(n => (byte)(n * 7))];

    private readonly Stage _stage = new();
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
    private readonly WireMockGlance _glance = new();
    private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));
    private readonly List<byte[]> _programmed = [];
    private AgentRoom _agent = null!;

    public ImageTests()
    {
        _keystone.AddService("image", _glance.Url);
        _driver.OnProgram = async (path, stop) =>
        {
            _programmed.Add(await File.ReadAllBytesAsync(path, stop));
            if (path.StartsWith(Folder, StringComparison.Ordinal))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            return DriverOutcome.Done;
        };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_stage.Folder, "agent", "images");

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        _glance.Dispose();
        await _keystone.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_fetched_verified_programmed_and_deleted()
    {
        await StartAsync();
        var image = _glance.Add(s_data);
        Assert.Equal(new ProgramResult(image, null), await ProgramAsync(image));
        Assert.Equal(s_data, Assert.Single(_programmed));
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Equal([$"/v2/images/{image}", $"/v2/images/{image}/file"], _glance.Asked);
    }

    [Fact]
    public async Task An_image_tells_its_function()
    {
        await StartAsync();
        var image = _glance.Add(s_data, "crypto-1");
        Assert.Equal(new ProgramResult(image, "crypto-1"), await ProgramAsync(image));
    }

    [Fact]
    public async Task A_function_is_looked_for_by_the_images_property()
    {
        await StartAsync();
        _glance.Add(s_data, "other");
        var image = _glance.Add(s_data, "in:a b&c/ü");
        Assert.Equal(new ProgramResult(image, "in:a b&c/ü"), await ProgramAsync(new ImageWish(null, "in:a b&c/ü")));
        Assert.StartsWith("/v2/images?accel%3Afunction_id=in%3Aa%20b%26c%2F%C3%BC&status=active&limit=", _glance.Asked[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_of_no_image_or_of_two_is_none()
    {
        await StartAsync();
        _glance.Add(s_data, "sleeping", json => json["status"] = "queued");
        Assert.Equal(FaultCode.ImageNotFound, await FaultAsync(new ImageWish(null, "sleeping")));
        Assert.Equal(FaultCode.ImageNotFound, await FaultAsync(new ImageWish(null, "nobody's")));
        _glance.Add(s_data, "twice");
        _glance.Add(s_data, "twice");
        Assert.Equal(FaultCode.ImageUnusable, await FaultAsync(new ImageWish(null, "twice")));
        Assert.Empty(_programmed);
    }

    [Fact]
    public async Task The_folder_comes_before_the_image_service()
    {
        var images = Directory.CreateDirectory(Path.Combine(_stage.Folder, "here")).FullName;
        await StartAsync(imagePath: images);
        var (here, there) = (Guid.NewGuid(), _glance.Add(s_data));
        await File.WriteAllTextAsync(Path.Combine(images, here.ToString()), "bits", Token);
        await ProgramAsync(here);
        Assert.Empty(_glance.Asked);
        await ProgramAsync(there);
        Assert.Equal(2, _programmed.Count);
    }

    [Theory]
    [InlineData("status", "\"queued\"", "not active")]
    [InlineData("status", "\"deactivated\"", "not active")]
    [InlineData("size", "null", "no data")]
    [InlineData("size", "0", "no data")]
    [InlineData("size", "1048577", "max_image_size")]
    [InlineData("size", "9223372036854775807", "max_image_size")]
    [InlineData("size", "299999", "more than")]
    [InlineData("os_hash_value", "\"00000000000000000000000000000000000000000000000000000000000000ff\"", "checksum")]
    public async Task An_image_that_is_not_what_it_should_be_is_refused(string field, string value, string why)
    {
        await StartAsync();
        var image = _glance.Add(s_data, change: json => json[field] = System.Text.Json.Nodes.JsonNode.Parse(value));
        var fault = await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(image));
        Assert.Equal(FaultCode.ImageUnusable, fault.Code);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        Assert.Empty(_programmed);
        Assert.True(!Directory.Exists(Folder) || Directory.GetFiles(Folder).Length == 0);
    }

    [Fact]
    public async Task A_hash_that_nobody_knows_gives_way_to_the_md5_and_none_at_all_is_refused()
    {
        await StartAsync();
        var image = _glance.Add(s_data, change: json => json["os_hash_algo"] = "blake2b");
        await ProgramAsync(image);
        var bad = _glance.Add(s_data, change: json => (json["os_hash_algo"], json["checksum"]) = (null, WireMockGlance.Md5([1])));
        Assert.Equal(FaultCode.ImageUnusable, await FaultAsync(new ImageWish(bad, null)));
        var none = _glance.Add(s_data, change: json => (json["os_hash_algo"], json["checksum"]) = (null, null));
        Assert.Equal(FaultCode.ImageUnusable, await FaultAsync(new ImageWish(none, null)));
        Assert.Single(_programmed);
    }

    [Theory]
    [InlineData(404, "", FaultCode.ImageNotFound)]
    [InlineData(404, "/file", FaultCode.ImageNotFound)]
    [InlineData(403, "", FaultCode.ImageUnusable)]
    [InlineData(403, "/file", FaultCode.ImageUnusable)]
    [InlineData(400, "", FaultCode.ImageUnusable)]
    [InlineData(204, "/file", FaultCode.ImageUnusable)]
    [InlineData(401, "", FaultCode.Unavailable)]
    [InlineData(302, "", FaultCode.Unavailable)]
    [InlineData(429, "", FaultCode.Unavailable)]
    [InlineData(500, "/file", FaultCode.Unavailable)]
    [InlineData(503, "", FaultCode.Unavailable)]
    public async Task Each_answer_of_the_service_has_its_meaning(int status, string path, FaultCode expected)
    {
        await StartAsync();
        var image = _glance.Add(s_data);
        _glance.Bend = WireMockGlance.Status(status, path);
        var command = Command(new ImageWish(image, null));
        Assert.Equal(expected, (await Assert.ThrowsAsync<FaultException>(() => CallAsync(command))).Code);
        Assert.Empty(_programmed);

        // What passes is tried again by the same command; what was final is told again.
        _glance.Bend = null;
        if (expected == FaultCode.Unavailable)
            Assert.Equal(image, (await CallAsync(command)).Image);
        else
            Assert.Equal(expected, (await Assert.ThrowsAsync<FaultException>(() => CallAsync(command))).Code);
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_is_nobodys_fault_for_good()
    {
        await StartAsync();
        foreach (var text in new[] { "", "{", "[]", "{\"id\": 7}", "{\"images\": 1}", "null" })
        {
            _glance.Bend = async context =>
            {
                await context.Response.WriteAsync(text);
                return true;
            };
            Assert.Equal(FaultCode.Unavailable, await FaultAsync(new ImageWish(Guid.NewGuid(), null)));
            Assert.Equal(FaultCode.Unavailable, await FaultAsync(new ImageWish(null, "f")));
        }
    }

    [Fact]
    public async Task A_download_that_breaks_off_is_begun_again_and_leaves_nothing()
    {
        await StartAsync(retries: 2);
        var image = _glance.Add(s_data);
        _glance.Bend = WireMockGlance.BreaksOff(s_data.Length);
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(new ImageWish(image, null)));
        Assert.Equal(3, _glance.Asked.Count(path => path.EndsWith("/file", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(Folder));
        _glance.Bend = WireMockGlance.BreaksOff(s_data.Length, times: 2);
        await ProgramAsync(image);
        Assert.Equal(s_data, Assert.Single(_programmed));
    }

    [Fact]
    public async Task A_connection_that_is_closed_without_an_answer_may_be_better_next_time()
    {
        await StartAsync();
        var image = _glance.Add(s_data);
        _glance.Bend = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(new ImageWish(image, null)));
        _glance.Bend = null;
        await ProgramAsync(image);
    }

    [Fact]
    public async Task A_service_that_falls_silent_in_the_middle_is_given_up()
    {
        await StartAsync();
        var image = _glance.Add(s_data);
        var silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _glance.Bend = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/file", StringComparison.Ordinal))
                return false;
            await context.Response.Body.WriteAsync(new byte[1000]);
            await context.Response.Body.FlushAsync();
            silent.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        // The call itself has all the time: it must not end first.
        var call = new CallContext { TimeLeft = TimeSpan.FromHours(1) };
        var fault = Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.ProgramDevice, Command(new ImageWish(image, null)), call));
        await silent.Task.Soon();
        while (!fault.IsCompleted)
        {
            // Only when somebody waits that long: a clock that runs on by itself would end the call first.
            await Task.WhenAny(fault, _stage.Time.TimerAsync(25, 35));
            _stage.Time.Advance(35);
        }
        Assert.Equal(FaultCode.Unavailable, (await fault).Code);
    }

    [Fact]
    public async Task A_keystone_that_refuses_the_agent_is_told_without_its_secrets()
    {
        await StartAsync();
        _keystone.Logins = KeystoneTrouble.Answers(401);
        var fault = await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(Guid.NewGuid()));
        Assert.Equal(FaultCode.Unavailable, fault.Code);
        Assert.DoesNotContain(_keystone.Password, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_dead_start_has_left_is_deleted()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "left"), "half an image", Token);
        await StartAsync();
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Single(_stage.Logs.Of(3035));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_may_be_better_next_time()
    {
        await StartAsync();
        await File.WriteAllTextAsync(Folder, "in the way", Token);
        var image = _glance.Add(s_data);
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(new ImageWish(image, null)));
        File.Delete(Folder);
        await ProgramAsync(image);
    }

    [Fact]
    public void The_section_glance_is_read_with_all_its_faults_at_once()
    {
        var faults = new List<string>();
        var options = ImageOptions.Read(Config(_keystone.Section("glance", "num_retries = 3"), "[agent]\nmax_image_size = 2"), faults);
        Assert.Empty(faults);
        Assert.Equal((3, 2L << 20), (options.Retries, options.MaxBytes));
        Assert.NotNull(options.Glance);
        Assert.Null(ImageOptions.Read(Config(), faults).Glance);
        ImageOptions.Read(Config("[glance]\nauth_type = password\nauth_url = nonsense"), faults);
        Assert.True(faults.Count > 1);
    }

    private static CyborgConfig Config(params string[] text) => CyborgConfig.Parse([new ConfigSource("cyborg.conf", string.Join('\n', text))], AgentOptions.All);

    private async Task StartAsync(int retries = 0, string? imagePath = null)
    {
        var faults = new List<string>();
        var lines = new[] { $"num_retries = {retries}", "connect_retries = 0", "status_code_retries = 0" };
        var images = ImageOptions.Read(Config(_keystone.Section("glance", lines), "[agent]\nmax_image_size = 1"), faults);
        Assert.Empty(faults);
        await _stage.StartConductorAsync();
        _agent = _stage.Agent(_stage.Options(imagePath) with { Images = images }, _driver);
        await _agent.StartAsync(Token);
        await _agent.FirstReport.Soon();
    }

    private ProgramDevice Command(ImageWish wish) => new(Guid.NewGuid(), 1, _agent.BootId, "one", "d-01", ScriptedDriver.Path("01"), wish);

    private Task<ProgramResult> CallAsync(ProgramDevice command) => _stage.CallAsync(Verbs.ProgramDevice, command);

    private Task<ProgramResult> ProgramAsync(Guid image) => ProgramAsync(new ImageWish(image, null));

    private Task<ProgramResult> ProgramAsync(ImageWish wish) => CallAsync(Command(wish));

    private async Task<FaultCode> FaultAsync(ImageWish wish) => (await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(wish))).Code;
}
