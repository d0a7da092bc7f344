using Lambda.Events;

namespace Lambda.Batch.History.Files;

/// <summary>A member on the path to a column, with the levels of Parquet that speak of it.</summary>
/// <param name="Member">The member.</param>
/// <param name="Present">The definition level from which on it is not null; for an array also one that is empty, which has just this level.</param>
/// <param name="Repetition">For an array, the repetition level of its elements after the first.</param>
internal readonly record struct Step(EventMember Member, short Present, short Repetition)
{
    /// <summary>The steps of a path.</summary>
    public static Step[] Of(IReadOnlyList<EventMember> path)
    {
        Step[] steps = new Step[path.Count];
        short definition = 0;
        short repetition = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            bool isList = path[i].Kind == MemberKind.List;
            definition += (short)(path[i].IsNullable ? 1 : 0);
            repetition += (short)(isList ? 1 : 0);
            steps[i] = new Step(path[i], definition, repetition);
            definition += (short)(isList ? 1 : 0);
        }

        return steps;
    }
}
