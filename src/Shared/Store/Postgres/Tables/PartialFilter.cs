using Lambda.Events;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>Which partials of a table are wanted: conditions that all hold, with their parameters.</summary>
internal sealed class PartialFilter
{
    private readonly List<string> _conditions = [];
    private readonly List<NpgsqlParameter> _parameters = [];

    /// <summary>Partials that overlap a range and have a key.</summary>
    /// <exception cref="ViewStoreException">The key has a part that the view has not, or a value of another type.</exception>
    public static PartialFilter Of(ViewTable table, WindowRange range, IReadOnlyDictionary<int, object?> key)
    {
        PartialFilter filter = new PartialFilter().Overlaps(range);
        filter.HasKey(table, key);
        return filter;
    }

    /// <summary>Partials that satisfy a condition.</summary>
    public static PartialFilter Of(string condition, params IEnumerable<NpgsqlParameter> parameters) => new PartialFilter().And(condition, parameters);

    /// <summary>The same filter with one more condition.</summary>
    public PartialFilter And(string condition, params IEnumerable<NpgsqlParameter> parameters)
    {
        _conditions.Add(condition);
        _parameters.AddRange(parameters);
        return this;
    }

    /// <summary>The same filter for partials whose intervals overlap a range.</summary>
    public PartialFilter Overlaps(WindowRange range)
    {
        if (range.To != long.MaxValue)
        {
            And("slice_start < @to", PostgresInstant.Bound("to", range.To));
        }

        if (range.From != long.MinValue)
        {
            And("slice_end > @from", PostgresInstant.Bound("from", range.From));
        }

        return this;
    }

    /// <summary>The same filter for speed partials that lie in a row with some that overlap a range, which is to be asked for as well.</summary>
    public PartialFilter LiesBesideOverlapping(WindowRange range)
    {
        if (range.To != long.MaxValue)
        {
            And($"{PackedPartials.FirstStart} < @to");
        }

        if (range.From != long.MinValue)
        {
            And($"{PackedPartials.LastEnd} > @from");
        }

        return this;
    }

    /// <summary>The same filter for partials that have keys of a piece.</summary>
    /// <remarks>PostgreSQL has no function that hashes bytes as fast: SHA-256 takes ten times as long as reading the row.</remarks>
    public PartialFilter Has(KeyPiece keys) =>
        keys.Count == 1 ? this : And($"(hashtext(encode({ViewTable.Address}, 'hex') COLLATE \"C\") & {int.MaxValue}) % {keys.Count} = {keys.Number}");

    /// <summary>The command that selects columns of the partials from a table.</summary>
    public NpgsqlCommand Select(NpgsqlConnection connection, string columns, string from)
    {
        string where = _conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", _conditions)}";
        NpgsqlCommand command = new($"SELECT {columns} FROM {from}{where}", connection);
        foreach (NpgsqlParameter parameter in _parameters)
        {
            command.Parameters.Add(parameter.Clone());
        }

        return command;
    }

    private void HasKey(ViewTable table, IReadOnlyDictionary<int, object?> key)
    {
        PartialLayout layout = table.Layout;
        PartialBatch row = new(layout);
        for (int part = 0; part < layout.Keys.Count; part++)
        {
            try
            {
                KeyValues.Add(row.Keys[part], key.GetValueOrDefault(part));
            }
            catch (ArgumentException failure)
            {
                throw new ViewStoreException(
                    $"Key part '{layout.Keys[part].Name}' of view '{layout.View}' holds values of type {layout.Keys[part].Type}: {failure.Message}",
                    failure);
            }
        }

        foreach (int part in key.Keys.Where(part => part < 0 || part >= layout.Keys.Count))
        {
            throw LayoutRules.NoSuchKeyPart(layout, part);
        }

        if (layout.Keys.Count > 0 && key.Count == layout.Keys.Count)
        {
            And($"{ViewTable.Address} = @address", new NpgsqlParameter<byte[]>("address", new KeyAddress().Of(row.Keys, 0)));
            return;
        }

        foreach (int part in key.Keys)
        {
            HasPart(table.KeyColumns[part], $"key{part}", row.Keys[part]);
        }
    }

    private void HasPart(string column, string name, ColumnBuffer value)
    {
        if (value.IsNull(0))
        {
            And($"{column} IS NULL");
        }
        else if (value is ColumnBuffer<double> number)
        {
            // Zeros of both signs are equal to PostgreSQL, and all that are not numbers.
            And($"float8send({column}) = float8send(@{name})", new NpgsqlParameter<double>(name, number[0]));
        }
        else
        {
            And($"{column} = @{name}", KeyValues.Parameter(name, value));
        }
    }
}
