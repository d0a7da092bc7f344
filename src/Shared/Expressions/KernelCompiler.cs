using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Events.Texts;
using Lambda.Time;

namespace Lambda.Expressions;

/// <summary>
/// Compiles an expression over an event into a loop over columns. Accesses to members become array reads; an expression that needs the event as
/// an object gets one made per row, which costs an allocation.
/// </summary>
internal sealed class KernelCompiler(EventSchema schema)
{
    /// <summary>A loop that gives the values of the selector, nulls marked apart. Numbers are widened to <typeparamref name="T"/>.</summary>
    public CompiledKernel<T> Values<T>(LambdaExpression selector) =>
        DirectKernels.Values<T>(selector, schema) ?? Compile<T>(selector, (body, _, _) => body);

    /// <summary>A loop that gives the dictionary ids of texts that a column holds; null when the selector is anything else.</summary>
    public CompiledKernel<long>? TextIds(LambdaExpression selector) => DirectKernels.TextIds(selector, schema);

    /// <summary>A loop that gives a key part as 64 bits: numbers and instants by value, strings as ids of the batch's dictionary (0 for null).</summary>
    public CompiledKernel<long> KeyPart(LambdaExpression selector, ColumnType type) =>
        (type == ColumnType.String ? DirectKernels.TextIds(selector, schema) : null) ?? Compile<long>(selector, (body, reads, columns) => type switch
        {
            ColumnType.String when ReadMembers.Direct(selector, schema) is { } member && member.PlainType == PlainType(selector.Body.Type) =>
            Expression.Convert(reads.StringId(member), typeof(long)),
            ColumnType.String => Expression.Convert(
                Expression.Call(columns.Dictionary, nameof(StringDictionary.Intern), null, Text(body)), typeof(long)),
            ColumnType.Timestamp when ReadMembers.Direct(selector, schema) is { IsNullable: false } member => reads.Raw(member),
            ColumnType.Boolean => Lift(body, value => Expression.Condition(value, Expression.Constant(1L), Expression.Constant(0L))),
            ColumnType.Timestamp => Lift(body, ToMicroseconds),
            _ => body,
        });

    private CompiledKernel<T> Compile<T>(LambdaExpression selector, Func<Expression, MemberReads, BatchColumns, Expression> finish)
    {
        ParameterExpression batch = Expression.Parameter(typeof(EventBatch), "batch");
        ParameterExpression rows = Expression.Parameter(typeof(int[]), "rows");
        ParameterExpression count = Expression.Parameter(typeof(int), "count");
        ParameterExpression progress = Expression.Parameter(typeof(KernelProgress), "progress");
        ParameterExpression values = Expression.Parameter(typeof(T[]), "values");
        ParameterExpression nulls = Expression.Parameter(typeof(bool[]), "nulls");
        ParameterExpression place = Expression.Variable(typeof(int), "place");
        ParameterExpression row = Expression.Variable(typeof(int), "row");
        BatchColumns columns = new(batch);

        MemberReads reads = new(schema, selector.Parameters[0], columns, row);
        Expression body = finish(reads.Visit(selector.Body)!, reads, columns);
        Type? underlying = Nullable.GetUnderlyingType(body.Type);
        bool isNullable = underlying is not null || !body.Type.IsValueType;
        ParameterExpression value = Expression.Variable(body.Type, "value");
        Expression plain = underlying is not null
            ? Expression.Call(value, nameof(Nullable<>.GetValueOrDefault), Type.EmptyTypes)
            : value;
        Expression target = Expression.ArrayAccess(values, place);
        List<Expression> step =
        [
            Expression.Assign(Expression.Field(progress, nameof(KernelProgress.Next)), place),
            Expression.Assign(row, Expression.ArrayIndex(rows, place)),
            Expression.Assign(value, body),
        ];
        if (isNullable)
        {
            Expression isNull = underlying is not null
                ? Expression.Not(Expression.Property(value, nameof(Nullable<>.HasValue)))
                : Expression.ReferenceEqual(value, Expression.Constant(null));
            step.Add(Expression.Assign(Expression.ArrayAccess(nulls, place), isNull));
        }

        step.Add(Expression.Assign(target, plain.Type == typeof(T) ? plain : Expression.Convert(plain, typeof(T))));
        step.Add(Expression.PreIncrementAssign(place));

        LabelTarget done = Expression.Label();
        BlockExpression loop = Expression.Block(
            [place, row, value, .. columns.Locals],
            [
                .. columns.Prologue,
                Expression.Assign(place, Expression.Field(progress, nameof(KernelProgress.Next))),
                Expression.Loop(
                    Expression.IfThenElse(Expression.LessThan(place, count), Expression.Block(step), Expression.Break(done)), done),
                Expression.Assign(Expression.Field(progress, nameof(KernelProgress.Next)), place),
            ]);
        ColumnKernel<T> kernel = Expression.Lambda<ColumnKernel<T>>(loop, batch, rows, count, progress, values, nulls).Compile();
        return new CompiledKernel<T>(kernel, isNullable, ExpressionText.Of(selector));
    }

    /// <summary>Applies a conversion to a value, or to the value of a nullable unless it is null.</summary>
    private static Expression Lift(Expression value, Func<Expression, Expression> convert)
    {
        if (Nullable.GetUnderlyingType(value.Type) is null)
        {
            return convert(value);
        }

        ParameterExpression local = Expression.Variable(value.Type);
        Expression converted = convert(Expression.Property(local, nameof(Nullable<>.Value)));
        Type lifted = converted.Type.IsValueType ? typeof(Nullable<>).MakeGenericType(converted.Type) : converted.Type;
        return Expression.Block(
            [local],
            Expression.Assign(local, value),
            Expression.Condition(
                Expression.Property(local, nameof(Nullable<>.HasValue)), Expression.Convert(converted, lifted), Expression.Default(lifted)));
    }

    private static Type PlainType(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>A value of a string column's type as the text that stands for it.</summary>
    private static Expression Text(Expression value)
    {
        if (value.Type == typeof(string))
        {
            return value;
        }

        Expression Format(Expression plain) => Expression.Call(
            Expression.Constant(TextForm.Of(plain.Type), typeof(TextForm<>).MakeGenericType(plain.Type)), nameof(TextForm<>.Format), null, plain);
        if (value.Type.IsValueType)
        {
            return Lift(value, Format);
        }

        ParameterExpression local = Expression.Variable(value.Type);
        return Expression.Block(
            [local],
            Expression.Assign(local, value),
            Expression.Condition(
                Expression.ReferenceEqual(local, Expression.Constant(null)), Expression.Default(typeof(string)), Format(local)));
    }

    private static MethodCallExpression ToMicroseconds(Expression value) => value.Type == typeof(DateTime)
        ? Expression.Call(typeof(UtcMicroseconds), nameof(UtcMicroseconds.FromDateTime), null, value)
        : Expression.Call(typeof(UtcMicroseconds), nameof(UtcMicroseconds.From), null, value);
}
