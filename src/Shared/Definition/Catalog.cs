using Lambda.Quality;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>All streams and views of an application, validated together. Immutable.</summary>
internal sealed class Catalog
{
    private readonly Dictionary<string, StreamDefinition> _streams;
    private readonly Dictionary<string, ViewDefinition> _views;

    private Catalog(IReadOnlyList<StreamDefinition> streams)
    {
        Streams = streams;
        _streams = streams.ToDictionary(stream => stream.Name, StringComparer.OrdinalIgnoreCase);
        _views = streams.SelectMany(stream => stream.Views).ToDictionary(view => view.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The streams in the order of their declaration.</summary>
    public IReadOnlyList<StreamDefinition> Streams { get; }

    /// <summary>All views, in the order of their declaration.</summary>
    public IEnumerable<ViewDefinition> Views => Streams.SelectMany(stream => stream.Views);

    /// <summary>The stream of that name, in any case; null when there is none.</summary>
    public StreamDefinition? FindStream(string name) => _streams.GetValueOrDefault(name);

    /// <summary>The view of that name, in any case; null when there is none.</summary>
    public ViewDefinition? FindView(string name) => _views.GetValueOrDefault(name);

    /// <summary>Builds and validates all declarations.</summary>
    /// <exception cref="DefinitionException">A declaration is wrong, a name is used twice, or there is no stream at all.</exception>
    public static Catalog Build(IReadOnlyCollection<IStreamBuilder> builders)
    {
        if (builders.Count == 0)
        {
            throw new DefinitionException("The application declares no stream. Declare one, such as app.Stream<MyEvent>(\"events\").");
        }

        // File systems and SQL engines do not all tell cases apart.
        RefuseTwins("streams", builders.Select(builder => builder.Name));
        IReadOnlyList<StreamDefinition> streams = [.. builders.Select(builder => builder.Build())];
        RefuseTwins("views", streams.SelectMany(stream => stream.Views).Select(view => view.Name));
        RefuseStrangers(streams);
        return new Catalog(streams);
    }

    /// <summary>Checks point at streams of the same application: only their histories are at hand.</summary>
    private static void RefuseStrangers(IReadOnlyList<StreamDefinition> streams)
    {
        foreach (StreamDefinition stream in streams)
        {
            foreach (ReferenceCheck check in stream.DataChecks.OfType<ReferenceCheck>())
            {
                if (check.Values is ReferencedStream referenced && streams.All(other => other.Name != referenced.Stream))
                {
                    throw new DefinitionException($"Stream '{stream.Name}', check '{check.Name}': the application does not declare stream "
                        + $"'{referenced.Stream}'. Declare both streams by the same application.");
                }
            }
        }
    }

    private static void RefuseTwins(string kind, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw new DefinitionException(
                $"Two {kind} are named '{twins.Key}' (case does not tell names apart). Give each a name of its own.");
        }
    }
}
