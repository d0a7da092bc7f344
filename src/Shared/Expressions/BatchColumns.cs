using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Events.Texts;
using Lambda.Time;

namespace Lambda.Expressions;

/// <summary>The columns that a kernel reads, fetched into locals before its loop starts.</summary>
internal sealed class BatchColumns(ParameterExpression batch)
{
    private readonly Dictionary<(EventMember Member, string Property), ParameterExpression> _arrays = [];
    private readonly List<Expression> _prologue = [];
    private readonly Dictionary<Type, ParameterExpression> _parsed = [];
    private ParameterExpression? _dictionary;

    /// <summary>The locals that hold arrays.</summary>
    public IEnumerable<ParameterExpression> Locals =>
        [.. _arrays.Values, .. _parsed.Values, .. _dictionary is null ? Enumerable.Empty<ParameterExpression>() : [_dictionary]];

    /// <summary>Fills the locals.</summary>
    public IEnumerable<Expression> Prologue => _prologue;

    /// <summary>The batch's string dictionary.</summary>
    public Expression Dictionary
    {
        get
        {
            if (_dictionary is null)
            {
                _dictionary = Expression.Variable(typeof(StringDictionary), "dictionary");
                _prologue.Add(Expression.Assign(_dictionary, Expression.Property(batch, nameof(EventBatch.Dictionary))));
            }

            return _dictionary;
        }
    }

    /// <summary>The member's value in a row, of the member's C# type.</summary>
    public Expression Read(EventMember member, Expression row)
    {
        if (member.Type == ColumnType.String && member.Form is null)
        {
            return Expression.Call(Dictionary, nameof(StringDictionary.GetString), null, StringId(member, row));
        }

        Type type = member.ClrType;
        Expression value = Plain(member, row);
        return member.IsNullable
            ? Expression.Condition(Expression.ArrayIndex(Nulls(member), row), Expression.Default(type), Expression.Convert(value, type))
            : value;
    }

    /// <summary>The value of a row in which it is not null, of <see cref="EventMember.PlainType"/>.</summary>
    private Expression Plain(EventMember member, Expression row)
    {
        if (member.Form is not null)
        {
            return Expression.Call(Parsed(member.PlainType), nameof(ParsedTexts<>.Get), null, StringId(member, row));
        }

        Expression value = Raw(member, row);
        return member.Type != ColumnType.Timestamp
            ? value.Type == member.PlainType ? value : Expression.Convert(value, member.PlainType)
            : Expression.Call(
                typeof(UtcMicroseconds),
                member.PlainType == typeof(DateTime) ? nameof(UtcMicroseconds.ToDateTime) : nameof(UtcMicroseconds.ToDateTimeOffset),
                null,
                value);
    }

    /// <summary>Whether the member is null in a row.</summary>
    public Expression IsNull(EventMember member, Expression row) =>
        member.IsNullable ? Expression.ArrayIndex(Nulls(member), row) : Expression.Constant(false);

    /// <summary>How many elements an array has in a row; 0 where it is null.</summary>
    public Expression Length(EventMember list, Expression row) => Expression.ArrayIndex(Array(list, nameof(ListColumn.Lengths)), row);

    /// <summary>The index of the first element of an array in a row.</summary>
    public Expression Start(EventMember list, Expression row) => Expression.ArrayIndex(Array(list, nameof(ListColumn.Starts)), row);

    /// <summary>The value as the column holds it; instants as microseconds.</summary>
    public Expression Raw(EventMember member, Expression row) => Expression.ArrayIndex(Values(member), row);

    /// <summary>The dictionary id of a string member.</summary>
    public Expression StringId(EventMember member, Expression row) => Expression.ArrayIndex(Values(member), row);

    private ParameterExpression Values(EventMember member) => Array(
        member, member.Type == ColumnType.String ? nameof(DictionaryColumn.Ids) : nameof(Column<>.Values));

    private ParameterExpression Nulls(EventMember member) => Array(member, nameof(Lambda.Events.Column.Nulls));

    private ParameterExpression Array(EventMember member, string property)
    {
        if (!_arrays.TryGetValue((member, property), out ParameterExpression? local))
        {
            MemberExpression array = Expression.Property(Expression.Convert(Column(member), ColumnOf(member)), property);
            local = Expression.Variable(array.Type, $"{member.Path} {property}");
            _arrays.Add((member, property), local);
            _prologue.Add(Expression.Assign(local, array));
        }

        return local;
    }

    private static Type ColumnOf(EventMember member) => member.Kind switch
    {
        MemberKind.Object => typeof(ObjectColumn),
        MemberKind.List => typeof(ListColumn),
        _ => member.Type switch
        {
            ColumnType.String => typeof(DictionaryColumn),
            ColumnType.Boolean => typeof(Column<bool>),
            ColumnType.Int32 => typeof(Column<int>),
            ColumnType.Double => typeof(Column<double>),
            ColumnType.Decimal => typeof(Column<decimal>),
            _ => typeof(Column<long>),
        },
    };

    private ParameterExpression Parsed(Type type)
    {
        if (!_parsed.TryGetValue(type, out ParameterExpression? local))
        {
            local = Expression.Variable(typeof(ParsedTexts<>).MakeGenericType(type), type.Name);
            _parsed.Add(type, local);
            _prologue.Add(Expression.Assign(local, Expression.Call(Dictionary, nameof(StringDictionary.Parsed), [type])));
        }

        return local;
    }

    private IndexExpression Column(EventMember member) =>
        Expression.Property(batch, "Item", Expression.Constant(member));
}
