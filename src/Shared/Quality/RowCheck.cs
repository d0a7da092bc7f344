using System.Linq.Expressions;

namespace Lambda.Quality;

/// <summary>A condition that each event must meet; the batch layer quarantines those that do not.</summary>
/// <param name="Name">What is checked, in the user's words.</param>
/// <param name="Condition">True for a good event.</param>
internal sealed record RowCheck(string Name, LambdaExpression Condition);
