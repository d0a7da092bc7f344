using System.Linq.Expressions;
using Lambda.Aggregation.Values;
using Lambda.Expressions;

namespace Lambda.Aggregation.Functions;

/// <summary>Makes one selector of two: of a value, and of what it is chosen by. Its value is null when one of theirs is.</summary>
internal static class Ranking
{
    /// <summary>The selector of <see cref="Ranked{TValue, TRank}"/>s.</summary>
    public static LambdaExpression Combine(LambdaExpression value, LambdaExpression rank)
    {
        Expression second = ParameterReplacement.Replace(rank.Body, rank.Parameters[0], value.Parameters[0]);
        (Expression first, bool isFirstText) = Nullable(value.Body);
        (second, bool isSecondText) = Nullable(second);
        (string method, Type[] types) = (isFirstText, isSecondText) switch
        {
            (false, false) => (nameof(OfValues), (Type[])[Plain(first), Plain(second)]),
            (true, false) => (nameof(OfTextByValue), [Plain(second)]),
            (false, true) => (nameof(OfValueByText), [Plain(first)]),
            (true, true) => (nameof(OfTexts), []),
        };
        return Expression.Lambda(Expression.Call(typeof(Ranking), method, types, first, second), value.Parameters[0]);
    }

    internal static Ranked<TValue, TRank>? OfValues<TValue, TRank>(TValue? value, TRank? rank)
        where TValue : struct
        where TRank : struct =>
        value.HasValue && rank.HasValue ? new Ranked<TValue, TRank>(value.GetValueOrDefault(), rank.GetValueOrDefault()) : null;

    internal static Ranked<string, TRank>? OfTextByValue<TRank>(string? value, TRank? rank)
        where TRank : struct =>
        value is not null && rank.HasValue ? new Ranked<string, TRank>(WellFormed.Of(value), rank.GetValueOrDefault()) : null;

    internal static Ranked<TValue, string>? OfValueByText<TValue>(TValue? value, string? rank)
        where TValue : struct =>
        value.HasValue && rank is not null ? new Ranked<TValue, string>(value.GetValueOrDefault(), WellFormed.Of(rank)) : null;

    internal static Ranked<string, string>? OfTexts(string? value, string? rank) =>
        value is not null && rank is not null ? new Ranked<string, string>(WellFormed.Of(value), WellFormed.Of(rank)) : null;

    private static (Expression Value, bool IsText) Nullable(Expression value) =>
        value.Type == typeof(string) ? (value, true)
        : System.Nullable.GetUnderlyingType(value.Type) is not null ? (value, false)
        : (Expression.Convert(value, typeof(Nullable<>).MakeGenericType(value.Type)), false);

    private static Type Plain(Expression value) => System.Nullable.GetUnderlyingType(value.Type)!;
}
