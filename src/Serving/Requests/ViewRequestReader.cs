using Lambda.Definition;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Requests;

/// <summary>Reads queries of views from query strings and says what is wrong with one.</summary>
internal sealed class ViewRequestReader(Catalog catalog, IOptions<ServingOptions> options)
{
    private readonly ServingOptions _options = options.Value;

    /// <summary>The view of that name.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public ViewDefinition FindView(string name) => catalog.FindView(name) ?? throw RequestException
        .NotFound($"There is no view '{Parameters.Shorten(name)}'. The views are: {string.Join(", ", catalog.Views.Select(view => view.Name))}.")
        .With("views", catalog.Views.Select(view => view.Name).ToArray());

    /// <summary>The stream of that name.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public StreamDefinition FindStream(string name) => catalog.FindStream(name) ?? throw RequestException
        .NotFound($"There is no stream '{Parameters.Shorten(name)}'. The streams are: {string.Join(", ", catalog.Streams.Select(stream => stream.Name))}.")
        .With("streams", catalog.Streams.Select(stream => stream.Name).ToArray());

    /// <summary>The stream that parameter <c>stream</c> names; may be left out when there is only one.</summary>
    /// <exception cref="RequestException">There is no such stream, or it has to be named.</exception>
    public StreamDefinition TakeStream(Parameters parameters) => parameters.Take("stream") switch
    {
        { } name => FindStream(name),
        null when catalog.Streams.Count == 1 => catalog.Streams[0],
        null => throw RequestException.BadParameter(
            "stream", $"Parameter 'stream' is missing. Give one of: {string.Join(", ", catalog.Streams.Select(stream => stream.Name))}."),
    };

    /// <summary>Reads a query of merged windows; takes all that is left in <paramref name="parameters"/>.</summary>
    /// <exception cref="RequestException">Something in it is wrong.</exception>
    public ViewRequest ReadQuery(string viewName, Parameters parameters)
    {
        string? cursor = parameters.Take("cursor");
        ViewRequest request = ReadRows(viewName, parameters, "from, to, layer, rollup, order, limit, cursor, format", out string order);
        CursorText cursors = new(request.Rows, request.Order, order);
        return request with { Cursors = cursors, After = cursor is null ? null : cursors.Read(cursor) };
    }

    /// <summary>Reads a query whose answer is to be followed; takes all that is left in <paramref name="parameters"/>.</summary>
    /// <exception cref="RequestException">Something in it is wrong.</exception>
    public ViewRequest ReadLive(string viewName, Parameters parameters) =>
        ReadRows(viewName, parameters, "from, to, layer, rollup, order, limit", out _);

    /// <summary>Reads a query of compared windows; takes all that is left in <paramref name="parameters"/>.</summary>
    /// <exception cref="RequestException">Something in it is wrong.</exception>
    public ViewRequest ReadComparison(string viewName, Parameters parameters)
    {
        ViewDefinition view = FindView(viewName);
        RowGrouping grouping = TakeGrouping(view, parameters);
        return ReadFilter(view, parameters, "from, to, rollup, all, limit") with { Grouping = grouping };
    }

    /// <summary>Reads a query of corrections; takes all that is left in <paramref name="parameters"/>.</summary>
    /// <exception cref="RequestException">Something in it is wrong.</exception>
    public ViewRequest ReadCorrections(string viewName, Parameters parameters) =>
        ReadFilter(FindView(viewName), parameters, "from, to, limit");

    /// <summary>How many rows are wanted.</summary>
    /// <exception cref="RequestException">Too many, or no number.</exception>
    private int TakeLimit(Parameters parameters) => parameters.TakeNumber("limit", _options.DefaultLimit, 1, _options.MaxLimit);

    /// <summary>Which windows are wanted: those that overlap <c>[from, to)</c>.</summary>
    /// <exception cref="RequestException">One of both is no instant, or the range is empty.</exception>
    public static WindowRange TakeRange(Parameters parameters)
    {
        long from = Instant(parameters, "from") ?? WindowRange.All.From;
        long to = Instant(parameters, "to") ?? WindowRange.All.To;
        return from < to ? new WindowRange(from, to) : throw RequestException.BadParameter(
            "from", $"The range from {Instants.ToText(from)} to {Instants.ToText(to)} is empty. 'to' is exclusive and must be later than 'from'.");
    }

    private static RowGrouping TakeGrouping(ViewDefinition view, Parameters parameters) => (parameters.TakeFlag("rollup"), view.Window) switch
    {
        (false, _) => RowGrouping.KeyAndWindow,
        (true, SlicedWindows) => RowGrouping.Window,
        _ => throw RequestException.BadParameter(
            "rollup",
            $"View '{view.Name}' cuts windows for every key by its own events, so keys have no window in common to roll up. Leave 'rollup' out."),
    };

    private ViewRequest ReadFilter(ViewDefinition view, Parameters parameters, string known)
    {
        WindowRange range = TakeRange(parameters);
        int limit = TakeLimit(parameters);
        IReadOnlyDictionary<int, object?> key = KeyFilter.Take(parameters, view, $"Parameters are: {known}, key, isNull.");
        return new ViewRequest(view, range, key, ViewLayer.Merged, RowGrouping.KeyAndWindow, [], limit) { MaxParts = _options.MaxWindowParts };
    }

    private static long? Instant(Parameters parameters, string name) => parameters.Take(name) switch
    {
        null => null,
        { } text when Instants.TryParse(text, out long instant) => instant,
        { } text => throw RequestException.BadParameter(
            name,
            $"Parameter '{name}' cannot be '{Parameters.Shorten(text)}'. Give an instant of the years 1 to 9999 such as 2001-01-01T00:00:00Z; write a '+' "
            + "of an offset as %2B."),
    };

    /// <summary>Reads a query of merged windows.</summary>
    /// <param name="viewName">The view.</param>
    /// <param name="parameters">The parameters, of which all are taken that are left.</param>
    /// <param name="known">The names of those that there are.</param>
    /// <param name="place">What a place in the order of rows depends on besides the view.</param>
    private ViewRequest ReadRows(string viewName, Parameters parameters, string known, out string place)
    {
        ViewDefinition view = FindView(viewName);
        ViewLayer layer = parameters.TakeWord("layer", ViewLayer.Merged);
        RowGrouping grouping = TakeGrouping(view, parameters);
        string? terms = parameters.Take("order");
        IReadOnlyList<RowOrder> order = terms is null ? [] : Order(view, grouping, terms);
        place = $"{layer} {grouping} {terms}";
        return ReadFilter(view, parameters, known) with { Layer = layer, Grouping = grouping, Order = order };
    }

    private static IReadOnlyList<RowOrder> Order(ViewDefinition view, RowGrouping grouping, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(term => OrderTerm(view, grouping, term))];

    private static RowOrder OrderTerm(ViewDefinition view, RowGrouping grouping, string term)
    {
        const string Descending = " desc";
        const string Ascending = " asc";
        SortDirection direction = SortDirection.Ascending;
        string name = term;
        if (name.StartsWith('-'))
        {
            (name, direction) = (name[1..], SortDirection.Descending);
        }
        else if (name.EndsWith(Descending, StringComparison.OrdinalIgnoreCase))
        {
            (name, direction) = (name[..^Descending.Length].Trim(), SortDirection.Descending);
        }
        else if (name.EndsWith(Ascending, StringComparison.OrdinalIgnoreCase))
        {
            name = name[..^Ascending.Length].Trim();
        }

        bool IsName(string candidate) => candidate.Equals(name, StringComparison.OrdinalIgnoreCase);
        if (IsName("windowStart"))
        {
            return new RowOrder(row => row.Start, typeof(long), direction);
        }

        for (int i = 0; i < view.Keys.Count && grouping == RowGrouping.KeyAndWindow; i++)
        {
            int part = i;
            if (IsName(view.Keys[i].Name))
            {
                return new RowOrder(row => row.Key.Parts[part], CursorValue.TypeOf(view.Keys[part].Type), direction);
            }
        }

        for (int i = 0; i < view.Aggregates.Count; i++)
        {
            int aggregate = i;
            if (IsName(view.Aggregates[i].Name) && RowOrder.IsPossible(view.Aggregates[i]))
            {
                Type type = view.Aggregates[i].Function.ResultType;
                return new RowOrder(row => row.Results[aggregate], Nullable.GetUnderlyingType(type) ?? type, direction);
            }
        }

        IEnumerable<string> names = (grouping == RowGrouping.KeyAndWindow ? view.Keys.Select(key => key.Name) : [])
            .Concat(view.Aggregates.Where(RowOrder.IsPossible).Select(aggregate => aggregate.Name));
        throw RequestException.BadParameter(
            "order",
            $"Rows of view '{view.Name}' cannot be ordered by '{Parameters.Shorten(name)}'. Give windowStart, {string.Join(", ", names)}, with '-' before "
            + "it or ' desc' after it for the greatest first; several with ',' between them.");
    }
}
