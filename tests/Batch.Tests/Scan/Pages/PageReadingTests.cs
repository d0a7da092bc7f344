using System.Globalization;
using ParquetSharp;

namespace Lambda.Batch.Tests.Scan.Pages;

/// <summary>
/// Pages of files of several writers, of both versions, all codecs and sizes, are read as the library reads them and as DuckDB does; and they are read here,
/// not left to the library, whenever they are of a kind that is known.
/// </summary>
public sealed class PageReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string, string, int>> DuckDbFiles =>
        from codec in new[] { "uncompressed", "snappy", "gzip", "zstd", "brotli" }
        from pages in new[] { (Version: "V1", Seed: 1), (Version: "V2", Seed: 2) }
        select new TheoryDataRow<string, string, int>(codec, pages.Version, pages.Seed);

    public static IEnumerable<TheoryDataRow<Compression, ParquetDataPageVersion, int>> LibraryFiles =>
        from codec in new[] { Compression.Uncompressed, Compression.Snappy, Compression.Gzip, Compression.Zstd, Compression.Brotli }
        from version in new[] { ParquetDataPageVersion.V1, ParquetDataPageVersion.V2 }
        from seed in new[] { 1, 2 }
        select new TheoryDataRow<Compression, ParquetDataPageVersion, int>(codec, version, seed);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(DuckDbFiles))]
    public void Files_of_duckdb_are_read_as_by_the_library(string codec, string version, int seed)
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        string nulls = seed == 1 ? "i % 7 = 0 OR i BETWEEN 9000 AND 13000" : "false";
        Duck.Query(
            $"""
            COPY (SELECT TIMESTAMP '1969-12-31' + INTERVAL (i // 3) SECOND AS "at", (hash(i) % 100)::INT AS small,
                CASE WHEN NOT ({nulls}) THEN hash(i)::UBIGINT::HUGEINT - 9223372036854775808 END::BIGINT AS large,
                CASE WHEN NOT ({nulls}) THEN i % 13 / 8 END AS "real", CASE WHEN NOT ({nulls}) THEN i % 1000 / 4 END::DECIMAL(18, 2) AS price,
                CASE WHEN NOT ({nulls}) THEN 'name ' || hash(i) % 300 END AS name, 'word ' || hash(i) AS word
                FROM range(25000) r(i) ORDER BY i) TO '{file}' (FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION {version}, ROW_GROUP_SIZE 20480)
            """);

        // In its version 2, what has no dictionary is encoded by differences, or with bytes apart, which is left to the library.
        string[] here = version == "V1" ? ["At", "Small", "Large", "Real", "Price", "Name", "Word"] : ["Name"];
        Verify(file, here);
        VerifyByDuckDb(file);
    }

    [Theory]
    [MemberData(nameof(LibraryFiles))]
    public void Files_of_arrow_are_read_as_by_the_library(Compression codec, ParquetDataPageVersion version, int seed)
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed).Write(file, codec, version);

        Verify(file, PagedFile.Members);
        VerifyByDuckDb(file);
    }

    [Fact]
    public void Encodings_that_are_not_known_are_left_to_the_library()
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed: 5).Write(file, Compression.Snappy, ParquetDataPageVersion.V2, Encoding.DeltaBinaryPacked);

        using PagedFile paged = new(file);
        Assert.Null(paged.ReadPages("At", 0));
        Assert.NotNull(paged.ReadPages("Name", 0));
    }

    [Fact]
    public void Codecs_that_are_not_known_are_left_to_the_library()
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed: 6).Write(file, Compression.Lz4, ParquetDataPageVersion.V1);

        using PagedFile paged = new(file);
        Assert.All(PagedFile.Members, member => Assert.Null(paged.ReadPages(member, 0)));
    }

    private static void Verify(string file, IReadOnlyCollection<string> here)
    {
        using PagedFile paged = new(file);
        foreach (string member in PagedFile.Members)
        {
            for (int group = 0; group < paged.RowGroups; group++)
            {
                List<string>? pages = paged.ReadPages(member, group);
                Assert.True(pages is not null || !here.Contains(member), $"{member} in row group {group} was left to the library");
                Assert.Equal(paged.ReadByLibrary(member, group), pages ?? paged.ReadByLibrary(member, group));
            }
        }
    }

    private static void VerifyByDuckDb(string file)
    {
        using PagedFile paged = new(file);
        foreach (string member in PagedFile.Members)
        {
            string column = member switch
            {
                "At" => "epoch_us(\"at\"::TIMESTAMP)",
                "Price" => "price::DECIMAL(28, 2)",
                _ => $"\"{member.ToLowerInvariant()}\"",
            };
            IEnumerable<string> expected = Duck.Query($"SELECT {column} FROM '{file}'").Select(row => PagedFile.Text(row[0]));
            IEnumerable<string> actual = Enumerable.Range(0, paged.RowGroups).SelectMany(group => paged.ReadPages(member, group) ?? paged.ReadByLibrary(member, group));
            Assert.Equal(expected.Select(Normal), actual.Select(Normal));

            string Normal(string text) => member == "Price" && decimal.TryParse(text, CultureInfo.InvariantCulture, out decimal price)
                ? price.ToString("0.##", CultureInfo.InvariantCulture)
                : text;
        }
    }
}
