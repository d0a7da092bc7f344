using System.Text;

namespace Lambda.Tests.Kernel.Json.Fuzzing;

/// <summary>Damages records at random.</summary>
internal sealed class ByteMutator(Random random)
{
    private static readonly byte[][] Splices =
    [
        .. new[]
        {
            "//x\n", "/* x */", ",", ",,", "}", "{", "]", "[", ":", "\"", "\\", "\0", " ", "\n", "\t", "\uFEFF", "null", "\u00a0", "\\u", "\\ud800", "1", "0", "e", "-",
            ".", "+", "Z", "true", "\u007f", "\u2028", "\"x\":1,", ",\"x\":1",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xFF], [0xC0], [0xC0, 0x80], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xED, 0xB0, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF5, 0x80, 0x80, 0x80], [0xEF],
        [0xF0, 0x9F], [0x1F], [0x00],
    ];

    public byte[] Mutate(byte[] record)
    {
        List<byte> bytes = [.. record];
        for (int times = random.Next(4) == 0 ? random.Next(2, 4) : 1; times > 0; times--)
        {
            MutateOnce(bytes);
        }

        return [.. bytes];
    }

    private void MutateOnce(List<byte> bytes)
    {
        int place = random.Next(bytes.Count + 1);
        int length = Math.Min(bytes.Count - place, random.Next(1, 8));
        switch (random.Next(9))
        {
            case 0 when place < bytes.Count:
                bytes[place] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when place < bytes.Count:
                bytes[place] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(place, length);
                break;
            case 3:
                bytes.InsertRange(place, bytes.GetRange(place, length));
                break;
            case 4:
                bytes.RemoveRange(place, bytes.Count - place);
                break;
            case 5 when place < bytes.Count:
                int other = random.Next(bytes.Count);
                (bytes[place], bytes[other]) = (bytes[other], bytes[place]);
                break;
            case 6:
                bytes.AddRange(Splices[random.Next(Splices.Length)]);
                break;
            case 7:
                // One digit more, less or other, and one quote more are what a scanner is most likely to take wrongly.
                bytes.Insert(place, (byte)"0123456789\"- :,}"[random.Next(16)]);
                break;
            default:
                bytes.InsertRange(place, Splices[random.Next(Splices.Length)]);
                break;
        }
    }
}
