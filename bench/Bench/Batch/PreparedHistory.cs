using System.Diagnostics;
using System.Globalization;
using Lambda.Bench.Workloads;

namespace Lambda.Bench.Batch;

/// <summary>The history that runs are measured over: made once among the data of the benchmarks, and copied for each process that works on it.</summary>
internal static class PreparedHistory
{
    private const int MillionsPerCopy = 3;

    /// <summary>Each copy of the flights is 181 days later, and events of times to come would be refused: fifty from 2001 on end in 2025.</summary>
    private const int CopiesSinceSource = 50;

    /// <summary>How many times the flights are in a history.</summary>
    public static int CopiesOf(int millions) => Math.Max(1, millions / MillionsPerCopy);

    /// <summary>How many of the copies lie before the days of the source, as there is no room for them after.</summary>
    public static int EarlierOf(int millions) => Math.Max(0, CopiesOf(millions) - CopiesSinceSource);

    /// <summary>A folder of one's own with log and history of so many million flights. Files of data are those of the prepared history, which nobody changes.</summary>
    /// <param name="millions">How many.</param>
    /// <param name="ids">How they are told apart.</param>
    public static async Task<string> CopyAsync(int millions, IdForm ids)
    {
        string prepared = await ProvideAsync(millions, ids);
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        Copy(Path.Combine(prepared, BatchWorld.LogFolder), folder);
        Copy(Path.Combine(prepared, BatchWorld.HistoryFolder), folder, "--link");
        return folder;
    }

    private static async Task<string> ProvideAsync(int millions, IdForm ids)
    {
        int copies = CopiesOf(millions);
        string folder = Path.Combine(FlightsData.Folder, string.Create(CultureInfo.InvariantCulture, $"history-{copies * MillionsPerCopy}m-{ids.ToString().ToLowerInvariant()}"));
        if (Directory.Exists(folder))
        {
            return folder;
        }

        string part = $"{folder}.part";
        if (Directory.Exists(part))
        {
            Directory.Delete(part, recursive: true);
        }

        Directory.CreateDirectory(part);
        Console.WriteLine($"writing {folder}");
        await using (BatchWorld world = await BatchWorld.OpenAsync(part))
        {
            long started = Stopwatch.GetTimestamp();
            long records = await world.ArchiveAsync(FlightRecords.Read(ids, 0, copies, EarlierOf(millions)));
            await world.CompactAsync();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine($"{records} events appended, archived and compacted in {seconds:F0} s: {records / seconds / 1e3:F0} k events/s; load {MachineLoad.Now}");
        }

        Directory.Move(part, folder);
        return folder;
    }

    private static void Copy(string from, string to, params ReadOnlySpan<string> options)
    {
        using Process copy = Process.Start("cp", ["--archive", .. options, from, to]);
        copy.WaitForExit();
        if (copy.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{from}' cannot be copied to '{to}': cp ends with {copy.ExitCode}.");
        }
    }
}
