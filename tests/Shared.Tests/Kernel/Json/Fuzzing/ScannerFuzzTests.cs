using System.Globalization;
using System.Text;
using Lambda.Events;
using Lambda.Time;
using Xunit;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>
/// Records in many styles, most of them good, many damaged: the scanner must never make a difference. <c>LAMBDA_FUZZ_INPUTS</c> sets how many are tried,
/// <c>LAMBDA_FUZZ_SEED</c> repeats a run.
/// </summary>
public sealed class ScannerFuzzTests(ITestOutputHelper output)
{
    private const int UsualInputs = 250_000;
    private const int InputsPerSender = 120;
    private const int MaxRecord = 1 << 16;

    [Fact]
    public void Records_are_decoded_as_without_the_scanner_and_as_SystemTextJson_does()
    {
        int seed = Setting("LAMBDA_FUZZ_SEED", Random.Shared.Next());
        int inputs = Setting("LAMBDA_FUZZ_INPUTS", UsualInputs);

        // A read beyond the guarded memory ends the process, so that the seed must be out before.
        Console.WriteLine($"{nameof(ScannerFuzzTests)}: seed {seed}, {inputs} inputs");
        using GuardedMemory memory = new(MaxRecord);
        long taken = 0;
        long scanned = 0;
        for (int first = 0; first < inputs; first += InputsPerSender)
        {
            // Each sender's records depend on its own seed only, so that a failure can be looked at without all before it.
            Random random = new(seed + first);
            FuzzedEvent fuzzed = FuzzedEvent.All[random.Next(FuzzedEvent.All.Count)];
            DecoderPair pair = Pair(fuzzed, random);
            if (FirstDifference(pair, new FuzzedSender(fuzzed, random), new ByteMutator(random), random, memory) is { } difference)
            {
                Assert.Fail($"LAMBDA_FUZZ_SEED={seed + first}, {fuzzed.Schema.EventType.Name}: {difference}");
            }

            taken += pair.Taken;
            scanned += pair.Scanned;
        }

        output.WriteLine($"{taken} taken, {scanned} of them by the scanner");
        Assert.True(taken > inputs / 3 && taken < inputs * 9L / 10, $"seed {seed}: {taken} of {inputs} were taken");
        Assert.True(scanned > taken / 2, $"seed {seed}: only {scanned} of the {taken} good records were scanned");
    }

    private static string? FirstDifference(DecoderPair pair, FuzzedSender sender, ByteMutator mutator, Random random, GuardedMemory memory)
    {
        for (int i = 0; i < InputsPerSender; i++)
        {
            byte[] json = sender.Next();
            json = random.Next(3) == 0 ? mutator.Mutate(json) : json;
            ReadOnlySpan<byte> guarded = random.Next(4) == 0 ? memory.AtBeginning(json) : memory.AtEnd(json);
            if (pair.Difference(guarded, json) is { } difference)
            {
                return $"{difference}\n{Encoding.UTF8.GetString(json)}\n{Convert.ToHexString(json)}";
            }
        }

        return pair.Flush();
    }

    private static DecoderPair Pair(FuzzedEvent fuzzed, Random random)
    {
        bool isHistory = random.Next(2) == 0;
        EventMember[] some = [.. fuzzed.Schema.Members.Where(_ => random.Next(2) == 0)];
        Projection projection = isHistory ? Projection.Everything(fuzzed.Schema) : Projection.Of(fuzzed.Schema, some);
        long appendedAt = random.Next(4) == 0 ? UtcMicroseconds.FromDateTime(new DateTime(2020, 1, 1)) : UtcMicroseconds.MaxValue;
        return new DecoderPair(fuzzed, projection, isHistory, appendedAt);
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : usual;
}
