using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;

namespace Lambda.Bench.Workloads;

/// <summary>
/// The flights of the workloads: three million from the npm package vega-datasets (package BSD-3, data by the US Department of Transportation), copied
/// as often as wanted, each copy 181 days later.
/// </summary>
internal static class FlightsData
{
    private const int RowsOfSource = 3_000_000;
    private const string Package = "vega-datasets-3.2.1";
    private const string FileInPackage = "package/data/flights-3m.parquet";

    /// <summary>Where the files are kept: LAMBDA_BENCH_DATA, or a folder among the temporary files.</summary>
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("LAMBDA_BENCH_DATA") ?? Path.Combine(Path.GetTempPath(), "lambda-bench");

    /// <summary>The file with at least so many rows, made if it is not there.</summary>
    public static string Provide(int millions)
    {
        int copies = Math.Max(1, millions * 1_000_000 / RowsOfSource);
        Directory.CreateDirectory(Folder);
        string file = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"flights-{copies * 3}m.parquet"));
        if (!File.Exists(file))
        {
            string source = Source();
            Console.WriteLine($"writing {file}");
            string parts = string.Join(" UNION ALL ", Enumerable.Range(0, copies).Select(copy =>
                $"SELECT date + INTERVAL {181 * copy} DAY AS date, delay, distance, origin, destination FROM '{source}'"));
            using Peer peer = new();
            peer.Execute($"COPY ({parts}) TO '{file}.part' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)");
            File.Move($"{file}.part", file);
        }

        return file;
    }

    /// <summary>The source file, three million flights: LAMBDA_BENCH_FLIGHTS, or from the npm package.</summary>
    public static string Source()
    {
        if (Environment.GetEnvironmentVariable("LAMBDA_BENCH_FLIGHTS") is { Length: > 0 } given)
        {
            return given;
        }

        string source = Path.Combine(Folder, "flights-3m-source.parquet");
        if (!File.Exists(source))
        {
            string archive = Path.Combine(Folder, $"{Package}.tgz");
            if (!File.Exists(archive))
            {
                Console.WriteLine($"fetching {Package} with npm");
                using Process npm = Process.Start(
                    new ProcessStartInfo("npm", ["pack", "vega-datasets@3.2.1", "--silent"]) { WorkingDirectory = Folder })
                    ?? throw new InvalidOperationException("npm does not start.");
                npm.WaitForExit();
                if (!File.Exists(archive))
                {
                    throw new InvalidOperationException($"npm has not fetched {archive}. Name a copy of {FileInPackage} in LAMBDA_BENCH_FLIGHTS.");
                }
            }

            Extract(archive, source);
        }

        return source;
    }

    private static void Extract(string archive, string destination)
    {
        using GZipStream unzipped = new(File.OpenRead(archive), CompressionMode.Decompress);
        using TarReader entries = new(unzipped);
        while (entries.GetNextEntry() is { } entry)
        {
            if (entry.Name == FileInPackage)
            {
                entry.ExtractToFile(destination, overwrite: true);
                return;
            }
        }

        throw new InvalidOperationException($"{archive} has no {FileInPackage}.");
    }
}
