using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.StoreCrasher;

/// <summary>What the crashing process writes, as a function of the commit's number, so that another process can tell what must be there.</summary>
internal static class CrashWorkload
{
    public const string Stream = "crashes";

    /// <summary>Every so many commits the epoch is sealed and a generation is published that covers it.</summary>
    public const int CommitsPerPublication = 10;

    public const int OffsetsPerCommit = 10;

    private const int Keys = 3000;
    private const int KeysPerCommit = 700;

    public static readonly PartialLayout View = new(
        Stream,
        "view",
        "00000000000000d4",
        [new PartialColumn("key", ColumnType.Int32, true)],
        [new PartialColumn("text", ColumnType.String, false)]);

    /// <summary>The keys that a commit touches; -1 stands for null.</summary>
    public static IEnumerable<int> KeysOf(int commit) =>
        Enumerable.Range(0, KeysPerCommit).Select(i => (((commit * 37) + (i * 3)) % Keys) - 1).Distinct();

    /// <summary>The partials of a commit: its number at every key it touches.</summary>
    public static PartialBatch PartialsOf(int commit)
    {
        var batch = new PartialBatch(View);
        foreach (int key in KeysOf(commit))
        {
            Add(batch, key, commit);
        }

        return batch;
    }

    /// <summary>The partials of the generation that is published after a commit, half of it: it is written in two calls.</summary>
    public static PartialBatch GenerationOf(int commit, int half)
    {
        var batch = new PartialBatch(View);
        for (int key = 0; key < 2500; key++)
        {
            Add(batch, (key * 2) + half, commit);
        }

        return batch;
    }

    private static void Add(PartialBatch batch, int key, int commit)
    {
        var keys = (ColumnBuffer<int>)batch.Keys[0];
        if (key < 0)
        {
            keys.AddNull();
        }
        else
        {
            keys.Add(key);
        }

        batch.Starts.Add(0);
        batch.Ends.Add(1);
        batch.Missed.Add(0);
        batch.EventCounts.Add(commit);
        ((ColumnBuffer<string>)batch.States[0]).Add($"written by commit {commit}");
    }
}
