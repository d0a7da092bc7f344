// Cuts the two weeks of flights that the sample runs on out of the npm package vega-datasets.
//
//   dotnet run cut-flights.cs                        fetches the package with npm
//   dotnet run cut-flights.cs vega-datasets.tgz      takes a package fetched before
//
// Needs the .NET SDK and, in the first form, npm. Writes flights-2001-01.parquet beside this file. See NOTICE.md.
#:package DuckDB.NET.Data.Full
#:property PublishAot=false

using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using DuckDB.NET.Data;

const string Package = "vega-datasets@3.2.1";
const string PackageSha512 =
    "9534b0640eb2abaa925366199bee9ba882e222f4cf3f19f88ad8abee33c61661c874fbd47d0f690b3cdcae4958cb030980b51b68879291941d88977ac01c4fba";
const string Member = "package/data/flights-3m.parquet";
const long ExpectedFlights = 228_738;

var scratch = Directory.CreateTempSubdirectory("cut-flights-");
try
{
    var target = Path.Combine(FolderOfThisFile(), "flights-2001-01.parquet");
    var archive = args.Length > 0 ? args[0] : FetchPackage(scratch.FullName);
    var whole = ExtractFlights(archive, scratch.FullName);
    var cut = Path.Combine(scratch.FullName, "cut.parquet");
    Cut(whole, cut);
    Verify(whole, cut);
    File.Move(cut, target, overwrite: true);
    Console.WriteLine($"{target}: {new FileInfo(target).Length:N0} bytes, {ExpectedFlights:N0} flights");
    return 0;
}
catch (CutException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    scratch.Delete(recursive: true);
}

static string FolderOfThisFile([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

static string FetchPackage(string folder)
{
    // npm is a batch file on Windows, which only a shell can start.
    var npm = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", "npm", "pack", Package]) : new ProcessStartInfo("npm", ["pack", Package]);
    npm.WorkingDirectory = folder;
    try
    {
        using var process = Process.Start(npm)!;
        process.WaitForExit();
        return process.ExitCode == 0
            ? Directory.GetFiles(folder, "*.tgz").Single()
            : throw new CutException($"'npm pack {Package}' ended with exit code {process.ExitCode}; its own message stands above.");
    }
    catch (Win32Exception e)
    {
        throw new CutException($"npm could not be started ({e.Message}). Install it, or fetch {Package} elsewhere and name its .tgz file.");
    }
}

static string ExtractFlights(string archive, string folder)
{
    if (!File.Exists(archive))
    {
        throw new CutException($"There is no file {archive}. Name the package's .tgz file, or nothing to fetch it with npm.");
    }

    using var file = File.OpenRead(archive);
    var actual = Convert.ToHexStringLower(SHA512.HashData(file));
    if (actual != PackageSha512)
    {
        throw new CutException($"{archive} is not {Package}: its SHA-512 is {actual}, expected {PackageSha512}. Fetch it again.");
    }

    file.Position = 0;
    using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
    while (tar.GetNextEntry() is { } entry)
    {
        if (entry.Name == Member)
        {
            var target = Path.Combine(folder, "flights-3m.parquet");
            entry.ExtractToFile(target, overwrite: true);
            return target;
        }
    }

    throw new CutException($"{archive} holds no {Member}.");
}

static void Cut(string whole, string target)
{
    using var connection = Open();

    // A flight becomes known when it leaves: at its date plus its delay, or at its date when it left early.
    Execute(connection, $"""
        COPY (
            SELECT printf('f%08x', file_row_number) AS id, date, delay, distance, origin, destination
            FROM read_parquet({Quoted(whole)}, file_row_number = true)
            WHERE date >= TIMESTAMP '2001-01-01' AND date < TIMESTAMP '2001-01-15'
            ORDER BY date + to_minutes(greatest(delay, 0)), file_row_number
        ) TO {Quoted(target)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19)
        """);
}

static void Verify(string whole, string target)
{
    using var connection = Open();
    var written = $"read_parquet({Quoted(target)}, file_row_number = true)";
    Expect(connection, ExpectedFlights, "rows", $"SELECT count(*) FROM {written}");
    Expect(connection, ExpectedFlights, "distinct ids", $"SELECT count(DISTINCT id) FROM {written}");
    Expect(connection, 0, "rows out of order", $"""
        SELECT count(*) FROM (
            SELECT date + to_minutes(greatest(delay, 0)) AS known, id, lag(known) OVER o AS known_before, lag(id) OVER o AS id_before
            FROM {written} WINDOW o AS (ORDER BY file_row_number)
        ) WHERE id_before IS NOT NULL AND (known, id) <= (known_before, id_before)
        """);
    Expect(connection, 0, "rows that differ from the source", $"""
        SELECT count(*) FROM {written} w
        LEFT JOIN read_parquet({Quoted(whole)}, file_row_number = true) s ON w.id = printf('f%08x', s.file_row_number)
        WHERE (w.date, w.delay, w.distance, w.origin, w.destination) IS DISTINCT FROM (s.date, s.delay, s.distance, s.origin, s.destination)
        """);
}

static DuckDBConnection Open()
{
    var connection = new DuckDBConnection("Data Source=:memory:");
    connection.Open();
    return connection;
}

static void Execute(DuckDBConnection connection, string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    command.ExecuteNonQuery();
}

static void Expect(DuckDBConnection connection, long expected, string what, string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    var actual = (long)command.ExecuteScalar()!;
    if (actual != expected)
    {
        throw new CutException($"The cut has {actual:N0} {what}, expected {expected:N0}. Nothing was written.");
    }
}

static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";

file sealed class CutException(string message) : Exception(message);
