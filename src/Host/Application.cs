using Lambda.Definition;
using Lambda.Hosting.Seeding;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting;

/// <summary>An application as it was declared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Catalog">Its streams and views.</param>
/// <param name="Seeds">Files that are taken in once.</param>
/// <param name="Configuration">Its settings, as they were given.</param>
internal sealed record Application(string Name, Catalog Catalog, IReadOnlyList<Seed> Seeds, IConfiguration Configuration)
{
    /// <summary>What the application adds to the web server.</summary>
    public IReadOnlyList<WebPart> Web { get; init; } = [];
}
