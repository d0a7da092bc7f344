using Lambda.Views;

namespace Lambda.Serving.Requests;

/// <summary>
/// Reads from a query string which values key parts must have: <c>origin=ATL</c>, or <c>key.origin=ATL</c> where a key part has the name of a
/// parameter; <c>key=ATL</c> for a key of one part; <c>isNull=origin</c> for null.
/// </summary>
internal static class KeyFilter
{
    private const string Prefix = "key.";

    /// <summary>Takes all that is left in <paramref name="parameters"/>.</summary>
    /// <exception cref="RequestException">A name is not that of a key part, or a value is not of its type.</exception>
    public static IReadOnlyDictionary<int, object?> Take(Parameters parameters, ViewDefinition view, string known)
    {
        Dictionary<int, object?> filter = [];
        if (parameters.Take("isNull") is { } nulls)
        {
            foreach (string name in nulls.Split(',', StringSplitOptions.TrimEntries))
            {
                int part = Find(view, name) ?? throw Unknown(view, "isNull", name, known);
                Add(filter, part, null, view, "isNull");
            }
        }

        foreach (string parameter in parameters.Left)
        {
            string text = parameters.Take(parameter)!;
            int part = Part(view, parameter) ?? throw Unknown(view, parameter, parameter, known);
            Add(filter, part, Parse(view.Keys[part], parameter, text), view, parameter);
        }

        return filter;
    }

    private static void Add(Dictionary<int, object?> filter, int part, object? value, ViewDefinition view, string parameter)
    {
        if (!filter.TryAdd(part, value))
        {
            throw RequestException.BadParameter(parameter, $"Key part '{view.Keys[part].Name}' is given several times. Give it once.");
        }
    }

    private static int? Part(ViewDefinition view, string parameter)
    {
        if (parameter.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Find(view, parameter[Prefix.Length..]);
        }

        return Find(view, parameter) ?? (view.Keys.Count == 1 && parameter.Equals("key", StringComparison.OrdinalIgnoreCase) ? 0 : null);
    }

    private static int? Find(ViewDefinition view, string name)
    {
        for (int i = 0; i < view.Keys.Count; i++)
        {
            if (view.Keys[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return null;
    }

    private static object Parse(KeyDefinition key, string parameter, string text) => KeyValue.Parse(key, text) ?? throw RequestException.BadParameter(
        parameter, $"Key part '{key.Name}' cannot be '{Parameters.Shorten(text)}'. Give {KeyValue.Expected(key)}.");

    private static RequestException Unknown(ViewDefinition view, string parameter, string name, string known) =>
        RequestException.BadParameter(
            parameter,
            $"View '{view.Name}' has no key part '{Parameters.Shorten(name)}', and there is no such parameter. "
            + (view.Keys.Count == 0 ? "The view has no key. " : $"Its key parts are: {string.Join(", ", view.Keys.Select(key => key.Name))}; give the value of one as key.{view.Keys[0].Name}=VALUE. ")
            + known)
            .With("keyParts", view.Keys.Select(key => key.Name).ToArray());
}
