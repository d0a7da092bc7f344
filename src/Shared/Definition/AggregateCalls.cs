using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>Reads the aggregates of a view off the calls in its <c>Aggregate</c> expression.</summary>
internal static class AggregateCalls
{
    /// <exception cref="DefinitionException">The expression is not an object whose members are each one call of an aggregate function.</exception>
    public static IReadOnlyList<AggregateDefinition> Parse(LambdaExpression aggregates, string place)
    {
        if (aggregates.Body is not NewExpression { Members: { } members } construction)
        {
            throw new DefinitionException($"{Capitalized(place)}: the aggregates are not given as an object with one member each. Write "
                + "a => new { Events = a.Count(), Total = a.Sum(e => e.Amount) }.");
        }

        return
        [
            .. members.Zip(construction.Arguments, (member, argument) =>
                Parse(JsonNamingPolicy.CamelCase.ConvertName(member.Name), argument, aggregates.Parameters[0], place)),
        ];
    }

    private static AggregateDefinition Parse(string name, Expression argument, ParameterExpression aggregates, string place)
    {
        if (argument is not MethodCallExpression call || call.Object != aggregates)
        {
            throw new DefinitionException($"{Capitalized(place)}: aggregate '{name}' is not one call of an aggregate function. Write one, such as "
                + $"{name} = a.Count(), and compute with results where you query them.");
        }

        LambdaExpression? selector = Selector(call) is { } given
            ? Selectors.WithoutLifting(Selectors.Prepare(given, $"{place}, aggregate '{name}'"))
            : null;
        return new AggregateDefinition(name, Function(call, selector, $"{place}, aggregate '{name}'"), selector);
    }

    private static LambdaExpression? Selector(MethodCallExpression call) =>
        call.Arguments.Count == 0 ? null : call.Arguments[^1] is UnaryExpression { NodeType: ExpressionType.Quote, Operand: LambdaExpression lambda }
            ? lambda
            : throw new DefinitionException($"The selector of {call.Method.Name} is not written in place. Write it as a.{call.Method.Name}(e => e.Member).");

    private static AggregateFunction Function(MethodCallExpression call, LambdaExpression? selector, string place)
    {
        if (call.Method.Name == nameof(Aggregates<>.Custom))
        {
            return Custom(call, place);
        }

        Type? valueType = selector is null ? null : Nullable.GetUnderlyingType(selector.Body.Type) ?? selector.Body.Type;
        return BuiltInFunctions.Find(call.Method.Name, valueType)
            ?? throw new DefinitionException($"{Capitalized(place)}: {call.Method.Name} is not defined over {valueType?.Name}.");
    }

    private static AggregateFunction Custom(MethodCallExpression call, string place)
    {
        object aggregator = Evaluate(call.Arguments[0], place)
            ?? throw new DefinitionException($"{Capitalized(place)}: the aggregator is null. Give an instance of your IAggregator type.");

        MethodInfo factory = typeof(AggregateFunction).GetMethod(nameof(AggregateFunction.Of))!;
        AggregateFunction function = (AggregateFunction)factory.MakeGenericMethod(
            call.Method.GetGenericArguments() is [var input, var accumulator, var result]
                ? [input, accumulator, result]
                : throw new InvalidOperationException("Custom has three type parameters.")).Invoke(null, [aggregator])!;

        // Both layers would keep nothing and agree on it, so that no comparison would find the loss.
        if (function.StateColumns is not { Count: > 0 })
        {
            throw new DefinitionException($"{Capitalized(place)}: {aggregator.GetType().Name} has no state columns, so that nothing of what it adds up "
                + "would be kept. List in StateColumns what Write writes, such as [new StateColumn(\"sum\", ColumnType.Int64)].");
        }

        return string.IsNullOrWhiteSpace(function.Signature)
            ? throw new DefinitionException($"{Capitalized(place)}: {aggregator.GetType().Name} has no signature, by which a changed function is told from "
                + "the one before. Give it one that names the function and its parameters, such as \"longest\".")
            : function;
    }

    private static object? Evaluate(Expression aggregator, string place)
    {
        try
        {
            return Expression.Lambda(aggregator).Compile().DynamicInvoke();
        }
        catch (TargetInvocationException error)
        {
            throw new DefinitionException(
                $"{Capitalized(place)}: the aggregator cannot be made: {error.InnerException?.Message} Give an instance of your IAggregator type.", error);
        }
    }

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
