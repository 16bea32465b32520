namespace Cyborg.ApiRef;

/// <summary>Renders the API reference as one HTML page: <c>dotnet run --project api-ref/render [FOLDER [PAGE]]</c>. FOLDER has <c>openapi.yaml</c> and
/// <c>samples</c>; by default it is <c>api-ref</c>, and the page <c>artifacts/api-ref/index.html</c>.</summary>
internal static class ApiRefProgram
{
    public static int Main(string[] args)
    {
        var folder = args.Length > 0 ? args[0] : "api-ref";
        var page = args.Length > 1 ? args[1] : Path.Combine("artifacts", "api-ref", "index.html");
        try
        {
            var html = new Page(Reference.Load(Path.Combine(folder, "openapi.yaml")), Path.Combine(folder, "samples")).Render();
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(page))!);
            File.WriteAllText(page, html);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"api-ref: {fault.Message}");
            return 1;
        }
        Console.WriteLine(page);
        return 0;
    }
}
