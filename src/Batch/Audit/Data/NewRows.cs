namespace Lambda.Batch.Audit.Data;

/// <summary>The rows of a generation that the generation before it did not have.</summary>
/// <param name="Condition">The condition that holds for them, over <c>events</c>.</param>
/// <param name="Since">The generation that serves.</param>
internal sealed record NewRows(string Condition, long Since)
{
    /// <summary>What is new in an audit; null when nothing is or can be: there is no generation before, or no event has come since.</summary>
    public static NewRows? Of(AuditSubject subject) => subject.Speed.Current is { } current && !current.Boundary.Covers(subject.Boundary)
        ? new NewRows(EventRelation.AtOrAbove(current.Boundary), current.Generation)
        : null;

    /// <summary>Why nothing is new, as a sentence.</summary>
    public static string Absence(AuditSubject subject) => subject.Speed.Current is { } current
        ? $"No event has come since generation {current.Generation}."
        : "There is no generation yet to compare with.";
}
