namespace Lambda.Bench.Batch;

/// <summary>What the benchmark of the batch layer is to do.</summary>
/// <param name="Millions">How many million events the history has; a multiple of three.</param>
/// <param name="Rounds">How many runs over everything are measured, after one that is not.</param>
/// <param name="NewRounds">How many runs over new events are measured.</param>
/// <param name="NewEvents">How many events are new in each of them.</param>
/// <param name="Alone">The one side to run in this process; null to compare both.</param>
/// <param name="HasPeer">Whether there is another side: it runs out of memory before we do.</param>
/// <param name="Ids">How events are told apart.</param>
internal sealed record BatchBenchmarkOptions(int Millions, int Rounds, int NewRounds, long NewEvents, Side? Alone, bool HasPeer, IdForm Ids)
{
    /// <exception cref="ArgumentException">The command line is not understood, or asks for no round.</exception>
    public static BatchBenchmarkOptions Read(string[] arguments)
    {
        OptionPairs pairs = new(arguments, "millions", "rounds", "new", "events", "alone", "peer", "ids");
        string alone = pairs.Text("alone", "");
        int millions = pairs.Number("millions", 3);
        int rounds = pairs.Number("rounds", 3);
        if (rounds < 1)
        {
            throw new ArgumentException($"--rounds is {rounds}; runs over new events are measured against at least one over everything.");
        }

        return new BatchBenchmarkOptions(
            millions,
            rounds,
            pairs.Number("new", 2),
            1_000L * pairs.Number("events", millions * 10),
            alone.Length == 0 ? null : Enum.Parse<Side>(alone, ignoreCase: true),
            pairs.Text("peer", "duckdb") != "none",
            Enum.Parse<IdForm>(pairs.Text("ids", nameof(IdForm.Rising)), ignoreCase: true));
    }
}

/// <summary>Who answers.</summary>
internal enum Side
{
    /// <summary>The batch layer.</summary>
    Ours,

    /// <summary>DuckDB's SQL.</summary>
    DuckDB,
}
