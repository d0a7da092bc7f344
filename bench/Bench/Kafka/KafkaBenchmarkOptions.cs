using System.Globalization;

namespace Lambda.Bench.Kafka;

/// <summary>What the command line says: <c>[--bootstrap HOST:PORT] [--copies N] [--rounds N] [--only CONTENDER]</c>.</summary>
/// <param name="Bootstrap">Brokers to use; null starts one.</param>
/// <param name="Copies">How often the 228,738 flights are repeated.</param>
/// <param name="Rounds">How many rounds are measured.</param>
/// <param name="Only">The only contender that runs, without the comparisons, to be looked at by a profiler; null for all.</param>
internal sealed record KafkaBenchmarkOptions(string? Bootstrap, int Copies, int Rounds, string? Only)
{
    public static KafkaBenchmarkOptions Read(string[] options)
    {
        KafkaBenchmarkOptions read = new(null, 22, 5, null);
        for (int i = 0; i < options.Length; i += 2)
        {
            read = options[i..] switch
            {
                ["--bootstrap", var brokers, ..] => read with { Bootstrap = brokers },
                ["--copies", var number, ..] => read with { Copies = int.Parse(number, CultureInfo.InvariantCulture) },
                ["--rounds", var number, ..] => read with { Rounds = int.Parse(number, CultureInfo.InvariantCulture) },
                ["--only", var name, ..] => read with { Only = name },
                _ => throw new ArgumentException($"'{options[i]}' is not an option with a value: give --bootstrap, --copies, --rounds or --only."),
            };
        }

        return read;
    }
}
