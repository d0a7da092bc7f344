using Lambda.Views.Slices;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Addresses and slots against a dictionary.</summary>
public sealed class SlotTableTests
{
    /// <summary>Keys that are dense, far apart, neighbours only of themselves, or the same; slices that are few, many, or those of one hour.</summary>
    public static TheoryData<int, int, long, int> Shapes => new()
    {
        { 400, 1, 3_600_000_000, 300 },
        { 5_000, 8, 3_600_000_000, 40 },
        { 5_000, 1, 1, 2 },
        { 1, 1, 900_000_000, 20_000 },
        { 64, 1 << 20, long.MaxValue / 4096, 1_000 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_address_has_one_slot_with_its_events(int keys, int keyStep, long sliceStep, int slices)
    {
        int seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Random random = new(seed);
        SlotTable table = new();
        Dictionary<(int Key, int Missed, long Slice), (int Slot, long Events)> expected = [];
        int[] batchKeys = new int[64];
        long[] batchSlices = new long[64];
        int[] slots = new int[64];
        for (int round = 0; round < 300; round++)
        {
            for (int i = 0; i < batchKeys.Length; i++)
            {
                batchKeys[i] = random.Next(keys) * keyStep;
                batchSlices[i] = (random.Next(slices) - (slices / 2)) * sliceStep;
            }

            table.FindOrAdd(batchKeys, batchSlices, slots);
            for (int i = 0; i < batchKeys.Length; i++)
            {
                Observe((batchKeys[i], 0, batchSlices[i]), slots[i], 1);
            }

            (int Key, int Missed, long Slice) late = (batchKeys[0], random.Next(4), batchSlices[1]);
            Observe(late, table.FindOrAdd(late.Key, late.Slice, late.Missed, 3), 3);
            if (random.Next(50) == 0)
            {
                table.ForgetTouched();
            }

            if (random.Next(150) == 0)
            {
                KeepSome();
            }
        }

        Assert.Equal(expected.Count, table.Count);
        foreach (((int key, int missed, long slice), (int slot, long events)) in expected)
        {
            Assert.True(table[slot] == new SlotTable.Address(key, missed, slice) && table.EventCount(slot) == events, $"seed {seed}: {key} {missed} {slice}");
        }

        void Observe((int Key, int Missed, long Slice) address, int slot, long events)
        {
            (int Slot, long Events) known = expected.GetValueOrDefault(address, (expected.Count, 0));
            Assert.True(known.Slot == slot, $"seed {seed}: {address} has slot {slot}, not {known.Slot}");
            expected[address] = (slot, known.Events + events);
        }

        void KeepSome()
        {
            int[] kept = [.. Enumerable.Range(0, table.Count).Where(_ => random.Next(3) > 0)];
            table.Keep(kept);
            Dictionary<int, int> renumbered = kept.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
            expected = expected
                .Where(pair => renumbered.ContainsKey(pair.Value.Slot))
                .ToDictionary(pair => pair.Key, pair => (renumbered[pair.Value.Slot], pair.Value.Events));
        }
    }
}
