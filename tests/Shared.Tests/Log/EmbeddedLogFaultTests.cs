using System.Diagnostics;
using Lambda.Log;
using Lambda.Log.Embedded;
using Xunit;

namespace Lambda.Tests.Log;

/// <summary>Damaged files, folders that cannot be used, and disks that are full.</summary>
public sealed class EmbeddedLogFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_flipped_byte_in_the_write_ahead_log_is_refused_and_nothing_is_changed_by_trying(int seed)
    {
        List<string> written = await WriteAsync(calls: 200);
        string wal = StoreFile("*.log");
        byte[] original = await File.ReadAllBytesAsync(wal, Cancel);
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int position = new Random((seed * 100) + attempt).Next(original.Length);
            await FlipAsync(wal, original, position);

            EventLogException refused = Assert.Throws<EventLogException>(() => Open(_folder.Path));

            Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("backup", refused.Message, StringComparison.Ordinal);
        }

        await File.WriteAllBytesAsync(wal, original, Cancel);
        await AssertHoldsAsync(written);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public async Task A_write_ahead_log_that_lost_its_acknowledged_end_is_refused(int keep)
    {
        await WriteAsync(calls: 20);
        string wal = StoreFile("*.log");
        using (FileStream file = new(wal, FileMode.Open))
        {
            file.SetLength(keep);
        }

        Assert.Contains("lost acknowledged records", Assert.Throws<EventLogException>(() => Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zeros")]
    [InlineData("noise")]
    [InlineData("half a record")]
    public async Task A_torn_tail_of_a_write_that_was_never_acknowledged_is_dropped(string kind)
    {
        List<string> written = await WriteAsync(calls: 50);
        string wal = StoreFile("*.log");
        byte[] content = await File.ReadAllBytesAsync(wal, Cancel);
        byte[] tail = kind switch
        {
            "zeros" => new byte[10_000],
            "noise" => Noise(5_000),
            _ => content[..20],
        };
        await File.WriteAllBytesAsync(wal, [.. content, .. tail], Cancel);

        await AssertHoldsAsync(written);
        await using (EmbeddedLog log = Open(_folder.Path))
        {
            await log.AppendAsync("s", ("", "after"));
        }

        await AssertHoldsAsync([.. written, "after"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_flipped_byte_in_a_table_file_gives_an_error_with_the_place_and_never_wrong_records(int seed)
    {
        List<string> written = await WriteAsync(calls: 400);
        await WriteTableAsync();
        string table = StoreFile("*.sst");
        byte[] original = await File.ReadAllBytesAsync(table, Cancel);
        int refusals = 0;
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int position = new Random((seed * 100) + attempt).Next(original.Length * 9 / 10);
            await FlipAsync(table, original, position);
            refusals += await ReadDamagedAsync(written, position) ? 1 : 0;
        }

        Assert.NotEqual(0, refusals);
        await File.WriteAllBytesAsync(table, original, Cancel);
        await AssertHoldsAsync(written);
    }

    [Fact]
    public void A_folder_that_another_log_holds_is_named_in_the_error()
    {
        using var held = new HeldLog(_folder.Path);

        EventLogException refused = Assert.Throws<EventLogException>(() => Open(_folder.Path));

        Assert.Contains($"'{_folder.Path}' is in use by another process", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Stop that process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named_in_the_error()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "not a folder");

        EventLogException refused = Assert.Throws<EventLogException>(() => Open(Path.Combine(file, "log")));

        Assert.Contains(Path.Combine(file, "log"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("choose another folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_range_is_refused_when_the_log_is_opened()
    {
        EventLogException refused = Assert.Throws<EventLogException>(
            () => EmbeddedLog.Open(new EmbeddedLogOptions { Folder = _folder.Path, MaxRecordBytes = 0 }, TimeProvider.System));

        Assert.Contains("MaxRecordBytes is 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_fails_the_append_with_the_reason_and_appends_work_again_when_there_is_room()
    {
        using var disk = SmallDisk.TryMount(_folder.Path, megabytes: 320);
        Assert.SkipWhen(disk is null, "A small file system can only be mounted by root on Linux.");
        EmbeddedLog log = Open(Path.Combine(_folder.Path, "log"));
        await log.EnsureStreamAsync("s", 2, Cancel);
        string ballast = Path.Combine(_folder.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[220 << 20], Cancel);
        var acknowledged = new List<string>();

        EventLogException failure = await AppendUntilItFailsAsync(log, acknowledged);
        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, failure.Message, StringComparison.Ordinal);
        AssertSame(acknowledged, await ReadBothAsync(log));

        File.Delete(ballast);
        await AppendUntilItWorksAsync(log, acknowledged);
        AssertSame(acknowledged, await ReadBothAsync(log));

        await log.DisposeAsync();
        log = Open(Path.Combine(_folder.Path, "log"));
        AssertSame(acknowledged, await ReadBothAsync(log));
        await log.DisposeAsync();
    }

    private static async Task<EventLogException> AppendUntilItFailsAsync(EmbeddedLog log, List<string> acknowledged)
    {
        while (true)
        {
            (string Key, string Value)[] records =
                [.. Enumerable.Range(acknowledged.Count, 20).Select(n => ($"{n}", $"{n}:" + new string('z', 20_000)))];
            try
            {
                await log.AppendAsync("s", records);
                acknowledged.AddRange(records.Select(r => r.Value));
            }
            catch (EventLogException e)
            {
                return e;
            }
        }
    }

    private static async Task AppendUntilItWorksAsync(EmbeddedLog log, List<string> acknowledged)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await log.AppendAsync("s", ("again", "again"));
                acknowledged.Add("again");
                return;
            }
            catch (EventLogException) when (patience.Elapsed < TimeSpan.FromSeconds(30))
            {
                // The store looks for room again by itself, every few seconds.
                await Task.Yield();
            }
        }
    }

    private static async Task<List<string>> ReadBothAsync(EmbeddedLog log)
    {
        List<ReadRecord> first = await log.ReadAllAsync("s", 0);
        List<ReadRecord> second = await log.ReadAllAsync("s", 1);
        LogTesting.AssertDense(first);
        LogTesting.AssertDense(second);
        return [.. first.Concat(second).Select(r => r.Value)];
    }

    private static void AssertSame(List<string> acknowledged, List<string> read) =>
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));

    private static EmbeddedLog Open(string folder) => EmbeddedLog.Open(new EmbeddedLogOptions { Folder = folder }, TimeProvider.System);

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static async Task FlipAsync(string file, byte[] original, int position)
    {
        var damaged = (byte[])original.Clone();
        damaged[position] ^= 0x10;
        await File.WriteAllBytesAsync(file, damaged, Cancel);
    }

    private async Task<List<string>> WriteAsync(int calls)
    {
        var written = new List<string>();
        await using EmbeddedLog log = Open(_folder.Path);
        await log.EnsureStreamAsync("s", 1, Cancel);
        for (int call = 0; call < calls; call++)
        {
            (string, string)[] records = [.. Enumerable.Range(written.Count, 3).Select(n => ("", $"record {n} " + new string('w', n % 90)))];
            await log.AppendAsync("s", records);
            written.AddRange(records.Select(r => r.Item2));
        }

        return written;
    }

    /// <summary>Has the store move its write-ahead log into a table file: it does that when it recovers after a restart.</summary>
    private async Task WriteTableAsync() => await Open(_folder.Path).DisposeAsync();

    private string StoreFile(string pattern) =>
        Directory.GetFiles(Path.Combine(_folder.Path, "store"), pattern).OrderByDescending(f => new FileInfo(f).Length).First();

    private async Task AssertHoldsAsync(List<string> written)
    {
        await using EmbeddedLog log = Open(_folder.Path);
        Assert.Equal(written, (await log.ReadAllAsync("s", 0)).Select(r => r.Value));
    }

    /// <summary>Reads what can be read; true when the damage was noticed and described.</summary>
    private async Task<bool> ReadDamagedAsync(List<string> written, int position)
    {
        long next = 0;
        try
        {
            await using EmbeddedLog log = Open(_folder.Path);
            using var batch = new RecordBatch(maxRecords: 50);
            while (true)
            {
                await log.ReadAsync("s", 0, next, batch, Cancel);
                for (int i = 0; i < batch.Count; i++, next++)
                {
                    Assert.Equal(written[(int)next], System.Text.Encoding.UTF8.GetString(batch.Value(i)));
                }

                if (batch.Count == 0)
                {
                    Assert.True(next == written.Count, $"A byte flipped at {position} hid the records from {next} on.");
                    return false;
                }
            }
        }
        catch (EventLogException e)
        {
            Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
            Assert.True(next == 0 || e.Message.Contains($"Stream 's', partition 0: offset {next} ", StringComparison.Ordinal), e.Message);
            return true;
        }
    }

    private sealed class HeldLog(string folder) : IDisposable
    {
        private readonly EmbeddedLog _log = Open(folder);

        public void Dispose() => _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
