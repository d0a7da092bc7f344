using System.Text;
using Lambda.Capture.Spilling;
using Lambda.Log;
using Lambda.Serving.Tests.Capture.Support;

namespace Lambda.Serving.Tests.Capture;

public sealed class SpillFolderTests : IDisposable
{
    private const long Unbounded = long.MaxValue;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Events_come_back_in_order_over_many_files_and_restarts()
    {
        Random random = new(1);
        int written = 0;
        int read = 0;
        for (int run = 0; run < 20; run++)
        {
            // Files of 64 KiB.
            using SpillFolder spill = SpillFolder.Open(_folder.Path, 1 << 19);
            Assert.Equal(written - read, spill.Count);
            for (int step = random.Next(1, 40); step > 0; step--)
            {
                if (random.Next(2) == 0)
                {
                    int count = random.Next(1, 200);
                    written += Append(spill, written, count) ? count : 0;
                }
                else
                {
                    using RecordBatch batch = new(random.Next(1, 300));
                    SpillPosition end = spill.Read(batch);
                    AssertNumbers(batch, read);

                    // Reading alone takes nothing away.
                    if (random.Next(4) > 0)
                    {
                        spill.Remove(end, batch.Count);
                        read += batch.Count;
                    }
                }

                Assert.Equal(written - read, spill.Count);
                Assert.Equal(_folder.Segments.Sum(file => new FileInfo(file).Length), spill.Bytes);
            }

            Assert.Equal(0, spill.UnreadableBytes);
        }

        Assert.True(read > 1000 && written > read, $"{read} of {written}");
    }

    [Fact]
    public void What_is_sent_can_be_noted_when_events_have_filled_the_disk()
    {
        using SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded);
        long room = new FileInfo(Path.Combine(_folder.Path, "sent")).Length;
        for (int i = 0; i < 4; i++)
        {
            Append(spill, 0, 10);
            using RecordBatch batch = new(7);
            spill.Remove(spill.Read(batch), batch.Count);
        }

        Assert.Equal(room, new FileInfo(Path.Combine(_folder.Path, "sent")).Length);
    }

    [Fact]
    public void Files_that_are_sent_are_removed()
    {
        using SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded);
        Append(spill, 0, 100);
        using RecordBatch batch = new();
        spill.Remove(spill.Read(batch), batch.Count);

        Assert.Empty(_folder.Segments);
        Assert.Equal((0, 0), (spill.Count, spill.Bytes));
    }

    [Fact]
    public void A_tail_that_a_crash_tore_off_is_told_from_events_wherever_it_ends()
    {
        using (SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded))
        {
            Append(spill, 0, 3);
        }

        byte[] whole = File.ReadAllBytes(_folder.Segments[0]);
        int header = SpillSegment.Magic.Length;
        int frame = (whole.Length - header) / 3;
        for (int length = 0; length < whole.Length; length++)
        {
            using Folder torn = new();
            File.WriteAllBytes(Path.Combine(torn.Path, Path.GetFileName(_folder.Segments[0])), whole[..length]);
            using SpillFolder spill = SpillFolder.Open(torn.Path, Unbounded);
            int left = Math.Max(0, length - header) / frame;
            using RecordBatch batch = new();
            spill.Read(batch);
            AssertNumbers(batch, 0);
            Assert.Equal((left, left), (spill.Count, batch.Count));
            Assert.Equal(length < header ? length : left == 0 ? length - header : (length - header) % frame, spill.UnreadableBytes);

            // What is spilled from here on is found behind what is left.
            Append(spill, left, 5);
            spill.Read(batch);
            Assert.Equal(left + 5, batch.Count);
            AssertNumbers(batch, 0);
        }
    }

    [Fact]
    public void No_byte_can_be_changed_without_being_noticed()
    {
        using (SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded))
        {
            Append(spill, 0, 3);
        }

        byte[] whole = File.ReadAllBytes(_folder.Segments[0]);
        for (int place = 0; place < whole.Length; place++)
        {
            using Folder damaged = new();
            byte[] bytes = [.. whole];
            bytes[place] ^= 0x41;
            File.WriteAllBytes(Path.Combine(damaged.Path, Path.GetFileName(_folder.Segments[0])), bytes);
            using SpillFolder spill = SpillFolder.Open(damaged.Path, Unbounded);
            using RecordBatch batch = new();
            spill.Read(batch);
            AssertNumbers(batch, 0);
            Assert.InRange(batch.Count, 0, 2);
            Assert.True(spill.UnreadableBytes > 0);
        }
    }

    [Fact]
    public void Damage_in_one_file_costs_the_rest_of_that_file_only()
    {
        // A file for each of the groups, as two do not fit into one.
        using SpillFolder spill = SpillFolder.Open(_folder.Path, 1 << 20);
        for (int i = 0; i < 8; i++)
        {
            Assert.True(Append(spill, i * 1000, 1000));
        }

        string second = _folder.Segments[1];
        byte[] bytes = File.ReadAllBytes(second);
        bytes[SpillSegment.Magic.Length + 20] ^= 1;
        File.WriteAllBytes(second, bytes);

        List<int> found = [];
        using RecordBatch batch = new();
        while (spill.Count > 0)
        {
            SpillPosition end = spill.Read(batch);
            found.AddRange(Enumerable.Range(0, batch.Count).Select(i => NumberOf(batch, i)));
            spill.Remove(end, batch.Count);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Concat(Enumerable.Range(2000, 6000)), found);
        Assert.True(spill.UnreadableBytes > 60_000);
        Assert.Empty(_folder.Segments);
    }

    [Fact]
    public void The_limit_is_kept()
    {
        using SpillFolder spill = SpillFolder.Open(_folder.Path, 10_000);
        int count = 0;
        while (Append(spill, count, 10))
        {
            count += 10;
        }

        Assert.InRange(_folder.Segments.Sum(file => new FileInfo(file).Length), 9_000, 10_000);
        Assert.Equal(count, spill.Count);
    }

    [Fact]
    public void A_folder_has_one_user_at_a_time()
    {
        using SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded);

        Assert.Throws<IOException>(() => SpillFolder.Open(_folder.Path, Unbounded));
    }

    [Fact]
    public void A_mark_that_was_lost_sends_events_again_and_loses_none()
    {
        using (SpillFolder spill = SpillFolder.Open(_folder.Path, Unbounded))
        {
            Append(spill, 0, 100);
            using RecordBatch some = new(maxRecords: 40);
            spill.Remove(spill.Read(some), some.Count);
        }

        File.WriteAllBytes(Path.Combine(_folder.Path, "sent"), new byte[64]);

        using SpillFolder reopened = SpillFolder.Open(_folder.Path, Unbounded);
        using RecordBatch batch = new();
        reopened.Read(batch);
        Assert.Equal((100, 100), (reopened.Count, batch.Count));
    }

    private static bool Append(SpillFolder spill, int first, int count)
    {
        using RecordBatch batch = new();
        for (int i = first; i < first + count; i++)
        {
            batch.Add(Encoding.UTF8.GetBytes($"key {i % 7}"), Encoding.UTF8.GetBytes($"{i:D6} and a value that is as long as those of small events"));
        }

        return spill.TryAppend(batch);
    }

    private static int NumberOf(RecordBatch batch, int index) => int.Parse(Encoding.UTF8.GetString(batch.Value(index)[..6]), null);

    private static void AssertNumbers(RecordBatch batch, int first)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            Assert.Equal(first + i, NumberOf(batch, i));
            Assert.Equal($"key {(first + i) % 7}", Encoding.UTF8.GetString(batch.Key(i)));
        }
    }
}
