using Lambda.Serving.Answers;
using Lambda.Testing;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>Answers as the oracle writes them, so that all can be compared.</summary>
internal static class DrivenRows
{
    public static OracleRows Of(IEnumerable<WindowResult<NamedValues, NamedValues>> rows) => new(rows.Select(row => new OracleRow(
        row.Key.Values, OracleTime.Microseconds(row.Start), OracleTime.Microseconds(row.End), row.EventCount, row.Result.Values)));

    public static OracleRows Of(ViewAnswer answer) => new(answer.Rows.Select(row => new OracleRow(
        row.Key.Values,
        OracleTime.Microseconds(row.WindowStart),
        OracleTime.Microseconds(row.WindowEnd),
        row.Provenance.BatchEvents + row.Provenance.SpeedEvents,
        row.Values.Values)));

    public static void MustBe(OracleRows expected, OracleRows actual, string place)
    {
        string difference = expected.Difference(actual);
        Assert.True(difference.Length == 0, $"{place}:\n{difference}");
    }
}
