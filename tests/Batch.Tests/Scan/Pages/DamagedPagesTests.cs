using System.Globalization;
using Lambda.Batch.Scan;
using Lambda.Batch.Scan.Pages;
using Microsoft.Win32.SafeHandles;
using ParquetSharp;

namespace Lambda.Batch.Tests.Scan.Pages;

/// <summary>
/// Bytes of files that are flipped, overwritten and cut off: reading pages gives the values, says that they are damaged, or leaves them to the library;
/// nothing else. Where pages have checksums, wrong values are never given. <c>LAMBDA_FUZZ_FILES</c> sets how many are tried.
/// </summary>
public sealed class DamagedPagesTests : IDisposable
{
    private const int UsualFiles = 2000;

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<Compression, ParquetDataPageVersion>> Kinds =>
        from codec in new[] { Compression.Uncompressed, Compression.Snappy, Compression.Gzip, Compression.Zstd, Compression.Brotli }
        from version in new[] { ParquetDataPageVersion.V1, ParquetDataPageVersion.V2 }
        select new TheoryDataRow<Compression, ParquetDataPageVersion>(codec, version);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_pages_never_give_wrong_values(Compression codec, ParquetDataPageVersion version)
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed: 11).Write(file, codec, version);
        byte[] whole = File.ReadAllBytes(file);
        Dictionary<string, List<string>> expected = [];
        Dictionary<string, ChunkPlace> places = [];
        using (PagedFile paged = new(file))
        {
            foreach (string member in PagedFile.Members)
            {
                expected.Add(member, paged.ReadPages(member, 0)!);
                places.Add(member, paged.Open(member, 0).Place);
            }
        }

        int files = int.Parse(Environment.GetEnvironmentVariable("LAMBDA_FUZZ_FILES") ?? $"{UsualFiles}", CultureInfo.InvariantCulture) / 10;
        int refused = 0;
        for (int seed = 0; seed < files; seed++)
        {
            Random random = new(seed);
            string member = PagedFile.Members[random.Next(PagedFile.Members.Count)];
            byte[] damaged = [.. whole];
            Damage(random, damaged.AsSpan((int)places[member].Offset, (int)places[member].Length));
            string copy = Path.Combine(_folder.Path, "damaged.parquet");
            File.WriteAllBytes(copy, damaged);
            using PagedFile paged = new(copy);
            try
            {
                if (paged.ReadPages(member, 0) is { } read && !IsHeaderDamaged(whole, damaged, places[member]))
                {
                    Assert.True(read.SequenceEqual(expected[member]), $"seed {seed}, {member}");
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.True(refused > files / 4, $"only {refused} of {files} were refused");
    }

    /// <summary>Without checksums, so that damaged bytes get as far as to the decoders.</summary>
    [Fact]
    public void Damaged_bytes_of_any_kind_are_survived()
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        for (int seed = 0; seed < 24; seed++)
        {
            new RandomReadings(seed).Write(
                file, seed % 2 == 0 ? Compression.Uncompressed : Compression.Snappy, seed % 4 < 2 ? ParquetDataPageVersion.V1 : ParquetDataPageVersion.V2, null,
                hasChecksums: false);
            using PagedFile paged = new(file);
            byte[] whole = File.ReadAllBytes(file);
            string copy = Path.Combine(_folder.Path, "damaged.parquet");
            foreach (string member in PagedFile.Members)
            {
                (PageDecoder decoder, ChunkPlace place, long rows) = paged.Open(member, 0);
                for (int i = 0; i < 10; i++)
                {
                    Random random = new((seed * 1000) + i);
                    byte[] damaged = [.. whole];
                    Damage(random, damaged.AsSpan((int)place.Offset, (int)place.Length));
                    File.WriteAllBytes(copy, damaged);
                    using SafeFileHandle handle = File.OpenHandle(copy);
                    try
                    {
                        for (long done = 0; decoder.TryOpen(handle, place, rows) && done < rows; done += 4096)
                        {
                            decoder.Read((int)Math.Min(4096, rows - done));
                        }
                    }
                    catch (InvalidDataException)
                    {
                    }
                }
            }
        }
    }

    [Fact]
    public void A_damaged_footer_finds_no_pages_or_others()
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed: 3).Write(file, Compression.Snappy, ParquetDataPageVersion.V1);
        byte[] whole = File.ReadAllBytes(file);
        int footer = BitConverter.ToInt32(whole, whole.Length - 8);
        for (int seed = 0; seed < 2000; seed++)
        {
            byte[] damaged = [.. whole];
            Damage(new Random(seed), damaged.AsSpan(whole.Length - 8 - footer));
            File.WriteAllBytes(file, damaged);
            using SafeFileHandle handle = File.OpenHandle(file);
            ChunkDirectory directory = ChunkDirectory.Of(handle);
            Assert.Null(directory.Find(1 << 20, 0));
        }
    }

    /// <summary>What is wrong is told with file, row group and column.</summary>
    [Fact]
    public void An_error_tells_the_file_the_row_group_and_the_column()
    {
        string file = Path.Combine(_folder.Path, "readings.parquet");
        new RandomReadings(seed: 2).Write(file, Compression.Snappy, ParquetDataPageVersion.V1);
        ChunkPlace place;
        using (PagedFile paged = new(file))
        {
            place = paged.Open("Name", 0).Place;
        }

        byte[] damaged = File.ReadAllBytes(file);
        damaged[place.Offset + place.Length - 1] ^= 1;
        File.WriteAllBytes(file, damaged);

        ScanException error = Assert.Throws<ScanException>(() => PagedFile.Scan(file));
        Assert.StartsWith($"'{file}' cannot be read in row group 0, column 'name': the checksum of a page is wrong.", error.Message);
    }

    private static void Damage(Random random, Span<byte> bytes)
    {
        switch (random.Next(4))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[random.Next(Math.Min(bytes.Length, 60))] = (byte)random.Next(256);
                break;
            case 2:
                int start = random.Next(bytes.Length);
                random.NextBytes(bytes.Slice(start, Math.Min(bytes.Length - start, random.Next(1, 40))));
                break;
            default:
                bytes[random.Next(bytes.Length)..].Clear();
                break;
        }
    }

    /// <summary>Checksums are of what follows on headers.</summary>
    private static bool IsHeaderDamaged(byte[] whole, byte[] damaged, ChunkPlace place)
    {
        int end = (int)(place.Offset + place.Length);
        for (int at = (int)place.Offset; at < end;)
        {
            int length = PageHeader.Read(whole.AsSpan(at, end - at), out PageHeader header);
            if (!whole.AsSpan(at, length).SequenceEqual(damaged.AsSpan(at, length)))
            {
                return true;
            }

            at += length + header.CompressedSize;
        }

        return false;
    }
}
