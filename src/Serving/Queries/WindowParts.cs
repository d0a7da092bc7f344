using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Windows;
using Microsoft.AspNetCore.Http;

namespace Lambda.Serving.Queries;

/// <summary>
/// The parts that the windows of an answer are made of. Windows that overlap share what was read, so that it becomes as many times more as there are windows around an
/// instant, of which a view can have a million. Other windows have no more parts than were read.
/// </summary>
internal static class WindowParts
{
    /// <summary>Refuses a query before the memory for its windows is taken.</summary>
    /// <exception cref="RequestException">There are more parts than the request may have.</exception>
    public static void RequireFew(ViewRequest request, ViewSnapshot snapshot)
    {
        if (request.View.Window is not SlicedWindows { Slicing: { Reach: > 0 } slicing })
        {
            return;
        }

        TimeWindow range = new(request.Range.From, request.Range.To);
        long parts = 0;
        foreach (PartialBatch partials in snapshot.Batch.Values.Append(snapshot.Speed))
        {
            for (int row = 0; row < partials.Count; row++)
            {
                parts += CountWindows(slicing, partials.Starts[row], range);
                if (parts > request.MaxParts)
                {
                    throw new RequestException(
                        StatusCodes.Status400BadRequest,
                        "The answer would take too much memory.",
                        $"Windows of view '{request.View.Name}' overlap, and those that were asked for are made of more than {request.MaxParts} parts of events. Ask for fewer: "
                        + $"give 'from' and 'to', or a narrower range, or name a key part. {nameof(ServingOptions.MaxWindowParts)} allows more.");
                }
            }
        }
    }

    /// <summary>How many windows of a slice overlap a range.</summary>
    private static int CountWindows(ISlicing slicing, long sliceStart, TimeWindow range)
    {
        int ended = slicing.CountEndedBefore(sliceStart, range);

        // No window begins after a slice of it.
        int begun = sliceStart < range.End ? slicing.WindowCount(sliceStart) : slicing.CountBegun(sliceStart, range.End);
        return Math.Max(0, begun - ended);
    }
}
