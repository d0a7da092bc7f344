using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>What a view answers.</summary>
/// <param name="Accepted">Per key and window what came in time.</param>
/// <param name="Late">Per key and window what came late.</param>
public sealed record ViewAnswer(OracleRows Accepted, OracleRows Late)
{
    /// <summary>Asserts that both answers are the same, doubles to the bit.</summary>
    public static void AssertSame(ViewAnswer expected, ViewAnswer actual)
    {
        Assert.Equal("", expected.Accepted.Difference(actual.Accepted));
        Assert.Equal("", expected.Late.Difference(actual.Late));
    }
}

internal static class Answers
{
    /// <summary>Composes partials of any partition and epoch.</summary>
    public static ViewAnswer Compose(ViewDefinition view, IEnumerable<PartialBatch> partials)
    {
        OracleRows Rows(PartialSelection selection)
        {
            WindowComposer composer = new(view);
            PartialSource source = composer.AddSource(selection, SourceRole.Result);
            foreach (PartialBatch batch in partials)
            {
                composer.Add(source, batch);
            }

            return new OracleRows(composer.Compose(TimeWindow.All)
                .Select(row => new OracleRow(row.Key.Parts, row.Start, row.End, row.EventCount, row.Results)));
        }

        return new ViewAnswer(Rows(PartialSelection.Accepted), Rows(PartialSelection.Late));
    }
}
