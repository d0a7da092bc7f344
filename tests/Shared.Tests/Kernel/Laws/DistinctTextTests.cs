using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Values;
using Lambda.Events;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>Sets of texts that are kept as ids count and store what sets of strings do, whatever dictionaries the ids are of.</summary>
public sealed class DistinctTextTests
{
    private const int States = 2;
    private const int Rows = 40;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sets_hold_what_was_added_in_any_order_of_steps(int seed)
    {
        Random random = new(seed);
        string[] words = Words(random);
        AggregateState[] states = [.. Enumerable.Range(0, States).Select(_ => new CountDistinctAggregator<string, StringCodec>().CreateState())];
        List<HashSet<string>>[] expected = [[], []];
        StringDictionary[] dictionaries = [new(), new()];
        for (int step = 0; step < 120; step++)
        {
            int chosen = random.Next(States);
            AggregateState state = states[chosen];
            List<HashSet<string>> sets = expected[chosen];
            AggregateState other = states[1 - chosen];
            List<HashSet<string>> others = expected[1 - chosen];
            switch (random.Next(40))
            {
                case < 22:
                    Add(random, words, dictionaries[random.Next(4) == 0 ? 1 - chosen : chosen], state, sets);
                    break;
                case < 28 when sets.Count > 0 && others.Count > 0:
                    int slot = random.Next(sets.Count);
                    int otherSlot = random.Next(others.Count);
                    state.Merge([slot], other, [otherSlot]);
                    sets[slot].UnionWith(others[otherSlot]);
                    break;
                case < 31 when sets.Count > 0:
                    int written = random.Next(sets.Count);
                    Store(state, written, sets[written], other, others);
                    break;
                case < 34:
                    int[] kept = [.. Enumerable.Range(0, sets.Count).Where(_ => random.Next(3) > 0)];
                    state.Keep(kept);
                    expected[chosen] = [.. kept.Select(place => sets[place])];
                    break;
                case 34:
                    state.Clear();
                    sets.Clear();
                    break;
                case 35:
                    dictionaries[chosen] = new StringDictionary();
                    break;
            }

            Verify(states, expected, $"seed {seed}, step {step}");
        }
    }

    /// <summary>Few or many, so that dictionaries stay below or grow beyond what is kept as ids; some that other bytes stand for too.</summary>
    private static string[] Words(Random random)
    {
        int[] sizes = [3, 63, 64, 200, 5000];
        string[] words = [.. Enumerable.Range(0, sizes[random.Next(sizes.Length)]).Select(number => $"w{number}")];
        words[0] = random.Next(3) == 0 ? "\uFFFD" : words[0];
        return words;
    }

    private static void Add(Random random, string[] words, StringDictionary dictionary, AggregateState state, List<HashSet<string>> sets)
    {
        while (sets.Count < 3 || random.Next(4) == 0)
        {
            sets.Add(new HashSet<string>(StringComparer.Ordinal));
        }

        // A run of words that no batch had makes dictionaries grow.
        int first = random.Next(words.Length);
        int[] slots = new int[random.Next(2) == 0 ? Rows : 10 * Rows];
        TextInput input = new();
        input.EnsureCapacity(slots.Length);
        long[] ids = input.Begin(dictionary, slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = random.Next(sets.Count);
            string? word = random.Next(6) == 0 ? null : words[(first + i) % words.Length];
            ids[i] = word == "\uFFFD" && random.Next(2) == 0 ? dictionary.Intern([0xFF]) : dictionary.Intern(word);
            if (word is not null)
            {
                sets[slots[i]].Add(word);
            }
        }

        state.EnsureSlots(sets.Count);
        state.Add(slots, input);
    }

    /// <summary>Writes a set and merges what was written into a new slot of another column.</summary>
    private static void Store(AggregateState state, int slot, HashSet<string> expected, AggregateState other, List<HashSet<string>> others)
    {
        ColumnBuffer<byte[]> stored = new(ColumnType.Bytes);
        StateWriter writer = new([stored]);
        writer.StartRow();
        state.Write(slot, writer);
        StateReader reader = new([stored]);
        reader.MoveTo(0, 0);
        CountDistinctAggregator<string, StringCodec> aggregator = default;
        string[] texts = aggregator.Read(reader).Values.ToArray();
        Assert.Equal(expected.Order(StringComparer.Ordinal), texts);

        others.Add(new HashSet<string>(expected, StringComparer.Ordinal));
        other.EnsureSlots(others.Count);
        reader.MoveTo(0, 0);
        other.Merge(others.Count - 1, reader);
    }

    private static void Verify(AggregateState[] states, List<HashSet<string>>[] expected, string where)
    {
        for (int i = 0; i < states.Length; i++)
        {
            int[] slots = [.. Enumerable.Range(0, expected[i].Count)];
            ResultColumn<long> results = (ResultColumn<long>)states[i].CreateResults();
            states[i].WriteResults(slots, results);
            Assert.True(
                expected[i].Select(set => (long)set.Count).SequenceEqual(results.Values.ToArray()),
                $"{where}: expected {string.Join(' ', expected[i].Select(set => set.Count))}, got {string.Join(' ', results.Values.ToArray())}");
        }
    }
}
