using System.Text;
using Lambda.Serving.Formats;
using Lambda.Views;
using Lambda.Views.Closing;

namespace Lambda.Hosting.Compute;

/// <summary>Windows as comma-separated values under the names that queries give them.</summary>
internal sealed class CsvWindows : WindowWriter
{
    public CsvWindows(ViewDefinition view, Stream output)
        : base(view, output)
    {
        CsvWriter header = new();
        foreach (string name in CsvColumns.OfResults(view))
        {
            header.Field(name);
        }

        header.EndRecord();
        output.Write(Encoding.UTF8.GetBytes(header.TakeText()));
    }

    protected override ReadOnlyMemory<byte> Format(WindowBatch windows)
    {
        CsvWriter csv = new();
        for (int row = 0; row < windows.Count; row++)
        {
            for (int part = 0; part < windows.Keys.Count; part++)
            {
                csv.Field(Key(windows, part, row));
            }

            csv.Field(Instants.ToDateTimeOffset(windows.Starts[row]));
            csv.Field(Instants.ToDateTimeOffset(windows.Ends[row]));
            foreach (Aggregation.ResultColumn results in windows.Results)
            {
                csv.Field(results.GetValue(row));
            }

            csv.EndRecord();
        }

        return Encoding.UTF8.GetBytes(csv.TakeText());
    }
}
