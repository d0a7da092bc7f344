using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Definition;

/// <summary>
/// Puts expressions over what is made of each element in terms of event and element themselves, so that nothing has to be made: a member of an object
/// that <c>(p, item) => new { p.Country, item.Sku }</c> gives is the expression it was given.
/// </summary>
internal sealed class ElementSelectors
{
    private readonly ParameterExpression _pair;
    private readonly Expression _result;

    /// <param name="flattening">The array.</param>
    /// <param name="result">What is made of event and element; null for the element itself.</param>
    public ElementSelectors(Flattening flattening, LambdaExpression? result)
    {
        Flattening = flattening;
        _pair = Expression.Parameter(flattening.Schema.EventType, "pair");
        Expression element = Expression.Property(_pair, nameof(EventElement<,>.Element));
        _result = result is null
            ? element
            : ParameterReplacement.Replace(
                ParameterReplacement.Replace(result.Body, result.Parameters[0], Expression.Property(_pair, nameof(EventElement<,>.Event))),
                result.Parameters[1],
                element);
    }

    /// <summary>The array.</summary>
    public Flattening Flattening { get; }

    /// <summary>An expression over the result as one over event and element.</summary>
    public LambdaExpression Rebase(LambdaExpression selector) =>
        Expression.Lambda(new Substitution(selector.Parameters[0], _result).Visit(selector.Body), _pair);

    /// <summary>What a key is named after that is a member of the result; null when the key is something else.</summary>
    public static string? NameOf(LambdaExpression selector) =>
        selector.Body is MemberExpression member && member.Expression == selector.Parameters[0]
            ? member.Member.GetCustomAttribute<System.Text.Json.Serialization.JsonPropertyNameAttribute>()?.Name
                ?? JsonNamingPolicy.CamelCase.ConvertName(member.Member.Name)
            : null;

    private sealed class Substitution(ParameterExpression parameter, Expression result) : ExpressionVisitor
    {
        protected override Expression VisitMember(MemberExpression node) =>
            node.Expression == parameter && Given(node.Member) is { } given ? given : base.VisitMember(node);

        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? result : node;

        /// <summary>What a member of the result was given; null where only making the result tells.</summary>
        private Expression? Given(MemberInfo member) => result switch
        {
            NewExpression { Members: { } members } construction when members.IndexOf(member) is >= 0 and int place => construction.Arguments[place],
            MemberInitExpression initialization => initialization.Bindings.OfType<MemberAssignment>()
                .FirstOrDefault(binding => binding.Member.Name == member.Name)?.Expression,
            _ => null,
        };
    }
}
