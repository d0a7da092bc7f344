using System.Linq.Expressions;
using System.Reflection;
using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Values;
using Lambda.Expressions;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>Reads the aggregates of a view off the calls in its <c>Aggregate</c> expression.</summary>
internal static class AggregateCalls
{
    /// <exception cref="DefinitionException">The expression is not an object whose members are each one call of an aggregate function.</exception>
    public static IReadOnlyList<AggregateDefinition> Parse(LambdaExpression aggregates, string place)
    {
        if (aggregates.Body is not NewExpression { Arguments.Count: > 0 } construction)
        {
            throw new DefinitionException($"{Capitalized(place)}: the aggregates are not given as an object with one member each. Write "
                + "a => new { Events = a.Count(), Total = a.Sum(e => e.Amount) }.");
        }

        return
        [
            .. ConstructedMembers.Of(construction).Select(member => Parse(member.Name, member.Value, aggregates.Parameters[0], place)),
        ];
    }

    private static AggregateDefinition Parse(string name, Expression argument, ParameterExpression aggregates, string place)
    {
        if (argument is not MethodCallExpression call || call.Object != aggregates)
        {
            throw new DefinitionException($"{Capitalized(place)}: aggregate '{name}' is not one call of an aggregate function. Write one, such as "
                + $"{name} = a.Count(), and compute with results where you query them.");
        }

        string at = $"{place}, aggregate '{name}'";
        List<LambdaExpression> selectors = [];
        List<object?> arguments = [];
        foreach (Expression given in call.Arguments)
        {
            if (given is UnaryExpression { NodeType: ExpressionType.Quote, Operand: LambdaExpression selector })
            {
                selectors.Add(Selectors.WithoutLifting(Selectors.Prepare(selector, at)));
            }
            else if (typeof(LambdaExpression).IsAssignableFrom(given.Type))
            {
                throw new DefinitionException($"The selector of {call.Method.Name} is not written in place. Write it as a.{call.Method.Name}(e => e.Member).");
            }
            else
            {
                arguments.Add(Evaluate(given, call.Method.Name, at));
            }
        }

        ResolvedAggregate resolved = Resolve(call, new AggregateCall(call.Method.Name, selectors, arguments), at);
        return new AggregateDefinition(name, resolved.Function, resolved.Selector);
    }

    private static ResolvedAggregate Resolve(MethodCallExpression method, AggregateCall call, string place)
    {
        if (call.Name == nameof(Aggregates<>.Custom))
        {
            return new ResolvedAggregate(new UserFunction(Custom(method, call.Arguments[0], place), place), call.Selectors[0]);
        }

        try
        {
            return BuiltInFunctions.Find(call) ?? throw new DefinitionException(
                $"{Capitalized(place)}: {call.Name} is not defined over {string.Join(" and ", call.Selectors.Select((_, i) => call.ValueType(i).Name))}. Select "
                + $"a value of another type; functions over any values take {ValueCodecs.Supported}, those that compute take numbers.");
        }
        catch (ArgumentException error)
        {
            throw new DefinitionException($"{Capitalized(place)}: {error.Message}", error);
        }
    }

    private static AggregateFunction Custom(MethodCallExpression call, object? given, string place)
    {
        object aggregator = given ?? throw new DefinitionException($"{Capitalized(place)}: the aggregator is null. Give an instance of your IAggregator type.");

        MethodInfo factory = typeof(AggregateFunction).GetMethods().Single(method => method is { Name: nameof(AggregateFunction.Of), IsGenericMethod: true });
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

        try
        {
            function.CreateState().EnsureSlots(1);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new DefinitionException($"{Capitalized(place)}: CreateAccumulator of {aggregator.GetType().Name} threw {ErrorText.Of(error)} It must "
                + "return the accumulator of no input.", error);
        }

        return string.IsNullOrWhiteSpace(function.Signature)
            ? throw new DefinitionException($"{Capitalized(place)}: {aggregator.GetType().Name} has no signature, by which a changed function is told from "
                + "the one before. Give it one that names the function and its parameters, such as \"longest\".")
            : function;
    }

    private static object? Evaluate(Expression argument, string function, string place)
    {
        try
        {
            return Expression.Lambda(argument).Compile().DynamicInvoke();
        }
        catch (TargetInvocationException error)
        {
            throw new DefinitionException(
                $"{Capitalized(place)}: '{argument}' cannot be evaluated: {error.InnerException?.Message} Give "
                + $"{(function == nameof(Aggregates<>.Custom) ? "an instance of your IAggregator type" : "a value")} that is there when the view is defined.",
                error);
        }
    }

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
