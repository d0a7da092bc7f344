using Lambda.Events;

namespace Lambda.Aggregation;

/// <summary>
/// Remembers pairs of a slot and a text's dictionary id, as many as fit: for aggregates that a value changes only the first time a slot sees it. What is
/// forgotten is taken for new, which costs time and changes nothing.
/// </summary>
internal sealed class SeenPairs
{
    private const int Bits = 15;

    /// <summary>By hash a pair; 0 where there is none, as ids of texts that are not null are above 0.</summary>
    private readonly ulong[] _pairs = new ulong[1 << Bits];
    private StringDictionary? _dictionary;

    /// <summary>Says what dictionary the next ids are of.</summary>
    public void Use(StringDictionary dictionary)
    {
        if (_dictionary != dictionary)
        {
            Clear();
            _dictionary = dictionary;
        }
    }

    /// <summary>Whether a pair is not remembered; it is from now on.</summary>
    public bool IsNew(int slot, long id)
    {
        ulong pair = ((ulong)slot << 32) | (uint)id;
        ref ulong remembered = ref _pairs[(int)(pair * 0x9E3779B97F4A7C15 >> (64 - Bits))];
        if (remembered == pair)
        {
            return false;
        }

        remembered = pair;
        return true;
    }

    /// <summary>Forgets all, as slots or ids will mean something else.</summary>
    public void Clear() => Array.Clear(_pairs);
}
