using System.Text.Json;
using Lambda.Hosting.Client;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Output;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Says what both layers have made of an application's events, and where to look next.</summary>
internal sealed class Summary(CommandContext context, ApiClient api, Platform platform, DataFolder folder)
{
    private const int TopRows = 5;

    /// <summary>Whether the current generation holds all that is in a stream's log, and every view.</summary>
    public async Task<bool> IsCoveredAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        JsonElement status = await api.GetAsync(ApiPaths.Stream(stream.Name), cancellationToken).ConfigureAwait(false);
        long[] ends = await CatchUp.EndsAsync(platform, stream, cancellationToken).ConfigureAwait(false);
        bool isNewest = status.GetProperty("generation").ValueKind == JsonValueKind.Number
            && status.GetProperty("boundary").EnumerateArray().Select(offset => offset.GetInt64()).SequenceEqual(ends);
        if (!isNewest)
        {
            // Nothing to compute is no reason for a run.
            return ends.All(end => end == 0);
        }

        JsonElement generations = await api.GetAsync(ApiPaths.Generations(stream.Name), cancellationToken).ConfigureAwait(false);

        // Another may serve by now than a moment ago. A run finds out then.
        return generations.EnumerateArray().Where(generation => generation.GetEnum<GenerationState>("state") == GenerationState.Current)
            .Select(generation => generation.GetProperty("views"))
            .Any(versions => stream.Views.All(view => versions.TryGetProperty(view.Name, out JsonElement version) && version.GetString() == view.Layout.Version));
    }

    /// <summary>Prints the summary.</summary>
    /// <returns><see cref="ExitCodes.Blocked"/> when layers differ without a reason.</returns>
    public async Task<int> PrintAsync(CancellationToken cancellationToken)
    {
        Terminal terminal = context.Terminal;
        bool isConserved = true;
        foreach (StreamDefinition stream in context.Application.Catalog.Streams)
        {
            terminal.Line();
            StreamLines.Print(
                terminal, await api.GetAsync(ApiPaths.Stream(stream.Name), cancellationToken).ConfigureAwait(false));
            StreamLines.PrintAudit(
                terminal, await api.GetAsync(ApiPaths.Audits(stream.Name, limit: 1), cancellationToken).ConfigureAwait(false));
            foreach (ViewDefinition view in stream.Views)
            {
                terminal.Line();
                isConserved &= await PrintAsync(view, cancellationToken).ConfigureAwait(false);
            }
        }

        PrintWhereNext();
        return isConserved ? ExitCodes.Ok : ExitCodes.Blocked;
    }

    private async Task<bool> PrintAsync(ViewDefinition view, CancellationToken cancellationToken)
    {
        string? by = view.Aggregates.FirstOrDefault(RowOrder.IsPossible)?.Name;
        context.Terminal.Heading($"{view.Name}, both layers merged: {(by is null ? "the newest windows" : $"the windows with the most {by}")}");
        ViewTable.PrintRows(context.Terminal, view, await TopAsync(view, by ?? "windowStart", TopRows, cancellationToken).ConfigureAwait(false));
        JsonElement comparison = await api.GetAsync(ApiPaths.Comparison(view.Name, [new("limit", "1")]), cancellationToken).ConfigureAwait(false);
        return ViewVerdict.Print(context.Terminal, comparison);
    }

    private Task<JsonElement> TopAsync(ViewDefinition view, string by, int limit, CancellationToken cancellationToken) => api.GetAsync(
        ApiPaths.View(view.Name, [new("order", $"-{by}"), new("limit", limit.ToString(System.Globalization.CultureInfo.InvariantCulture))]),
        cancellationToken);

    private void PrintWhereNext()
    {
        Terminal terminal = context.Terminal;
        string program = Program();
        string data = context.IsDefaultFolder(folder) ? "" : $" --data {Quoted(folder.Root)}";
        terminal.Line();
        terminal.Heading("Where to look next");
        if (platform.Address is { } address)
        {
            terminal.Line($"  {address,-32} charts of the views, and what the batch layer corrected");
            terminal.Line($"  {new Uri(address, "hangfire"),-32} batch runs: schedule, progress, audits, a button that starts one");
            terminal.Line($"  {new Uri(address, "docs"),-32} the API");
        }

        terminal.Line($"  {program} query {context.ExampleView} --limit 10{data}");
        terminal.Line($"  {program} compare {context.ExampleView}{data}");
        terminal.Line($"  {program} --help");
        if (platform.Address is not null)
        {
            terminal.Line("Ctrl-C stops the server.");
        }
    }

    /// <summary>How this program was called: by its own executable, or as a library that <c>dotnet</c> runs.</summary>
    private static string Program()
    {
        string library = Environment.GetCommandLineArgs()[0];
        string path = Environment.ProcessPath ?? library;
        return string.Equals(Path.GetFileNameWithoutExtension(path), "dotnet", StringComparison.OrdinalIgnoreCase) ? $"dotnet {Shortest(library)}" : Shortest(path);
    }

    private static string Shortest(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return Quoted(relative.Length < path.Length ? relative.Contains(Path.DirectorySeparatorChar) ? relative : $".{Path.DirectorySeparatorChar}{relative}" : path);
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}
