namespace Lambda.Aggregation.Sharing;

/// <summary>An aggregator whose state also tells what others over the same values come to, so that a view that asks for both keeps one state.</summary>
internal interface IAnswersOthers
{
    /// <summary>How the result of another aggregator, over the same values, is read off the state of this one; null when it does not tell.</summary>
    HeldAnswer? AnswerTo(object aggregator);
}
