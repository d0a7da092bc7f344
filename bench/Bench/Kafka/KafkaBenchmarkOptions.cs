using System.Globalization;

namespace Lambda.Bench.Kafka;

/// <summary>What the command line says: <c>[--bootstrap HOST:PORT] [--copies N] [--rounds N]</c>.</summary>
/// <param name="Bootstrap">Brokers to use; null starts one.</param>
/// <param name="Copies">How often the 228,738 flights are repeated.</param>
/// <param name="Rounds">How many rounds are measured.</param>
internal sealed record KafkaBenchmarkOptions(string? Bootstrap, int Copies, int Rounds)
{
    public static KafkaBenchmarkOptions Read(string[] options)
    {
        KafkaBenchmarkOptions read = new(null, 22, 5);
        for (int i = 0; i < options.Length; i += 2)
        {
            read = options[i..] switch
            {
                ["--bootstrap", var brokers, ..] => read with { Bootstrap = brokers },
                ["--copies", var number, ..] => read with { Copies = int.Parse(number, CultureInfo.InvariantCulture) },
                ["--rounds", var number, ..] => read with { Rounds = int.Parse(number, CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException($"'{options[i]}' is not an option with a value: give --bootstrap, --copies or --rounds."),
            };
        }

        return read;
    }
}
