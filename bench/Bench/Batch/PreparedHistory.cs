using System.Diagnostics;
using System.Globalization;
using Lambda.Bench.Workloads;

namespace Lambda.Bench.Batch;

/// <summary>The history that runs are measured over: made once among the data of the benchmarks, and copied for each process that works on it.</summary>
internal static class PreparedHistory
{
    private const int MillionsPerCopy = 3;

    /// <summary>Each copy of the flights is 181 days later, and events of times to come would be refused.</summary>
    private const int MostMillions = 150;

    /// <summary>How many times the flights are in a history.</summary>
    public static int CopiesOf(int millions) => Math.Max(1, millions / MillionsPerCopy);

    /// <summary>A folder of one's own with log and history of so many million flights.</summary>
    /// <param name="millions">How many.</param>
    /// <param name="ids">How they are told apart.</param>
    /// <exception cref="ArgumentException">They would reach into times to come.</exception>
    public static async Task<string> CopyAsync(int millions, IdForm ids)
    {
        if (millions > MostMillions)
        {
            throw new ArgumentException($"--millions is {millions}; at most {MostMillions} flights lie before today.");
        }

        string prepared = await ProvideAsync(CopiesOf(millions), ids);
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        foreach (string part in (string[])[BatchWorld.LogFolder, BatchWorld.HistoryFolder])
        {
            Copy(new DirectoryInfo(Path.Combine(prepared, part)), Path.Combine(folder, part));
        }

        return folder;
    }

    private static async Task<string> ProvideAsync(int copies, IdForm ids)
    {
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
            long records = await world.ArchiveAsync(FlightRecords.Read(ids, 0, copies));
            await world.CompactAsync();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine($"{records} events appended, archived and compacted in {seconds:F0} s: {records / seconds / 1e3:F0} k events/s; load {MachineLoad.Now}");
        }

        Directory.Move(part, folder);
        return folder;
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (DirectoryInfo folder in from.EnumerateDirectories())
        {
            Copy(folder, Path.Combine(to, folder.Name));
        }
    }
}
