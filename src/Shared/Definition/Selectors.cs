using System.Linq.Expressions;
using System.Reflection;
using Lambda.Expressions;

namespace Lambda.Definition;

/// <summary>Makes a user's expression ready for both layers.</summary>
internal static class Selectors
{
    /// <summary>Folds captured values and refuses what the layers could not agree on.</summary>
    /// <param name="selector">The expression.</param>
    /// <param name="place">Where it stands, for messages.</param>
    /// <exception cref="DefinitionException">It reads a clock, chance, the machine's culture or time zone, or the like.</exception>
    public static LambdaExpression Prepare(LambdaExpression selector, string place)
    {
        ArgumentNullException.ThrowIfNull(selector);
        Judge(selector, place);
        LambdaExpression folded;
        try
        {
            folded = ConstantFolding.Fold(selector);
        }
        catch (TargetInvocationException error)
        {
            throw new DefinitionException(
                $"{Capitalized(place)}: a captured value of the expression cannot be read: {error.InnerException?.Message}", error);
        }

        // A way to compare that was captured is known only now.
        Judge(folded, place);
        return folded;
    }

    /// <summary>Takes off the conversion to a nullable type that the compiler puts around a value that cannot be null.</summary>
    public static LambdaExpression WithoutLifting(LambdaExpression selector) =>
        selector.Body is UnaryExpression { NodeType: ExpressionType.Convert, Method: null } conversion
            && Nullable.GetUnderlyingType(conversion.Type) is { } underlying
            && Nullable.GetUnderlyingType(conversion.Operand.Type) is null
            ? Expression.Lambda(
                conversion.Operand.Type == underlying ? conversion.Operand : Expression.Convert(conversion.Operand, underlying),
                selector.Parameters)
            : selector;

    private static void Judge(LambdaExpression selector, string place)
    {
        if (Determinism.FindOffence(selector) is { } offence)
        {
            throw new DefinitionException(
                $"{Capitalized(place)}: the expression uses {offence.Member.DeclaringType?.Name}.{offence.Member.Name}, {offence.Problem}, so that the "
                + $"layers would disagree. {offence.Remedy}");
        }
    }

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
