using System.Numerics;

namespace Lambda.Views.Keys;

/// <summary>Ids of keys by the dictionary ids of their one or two texts, in a square that grows with the dictionary.</summary>
/// <param name="parts">How many texts a key has.</param>
internal sealed class TextKeys(int parts)
{
    /// <summary>Beyond this a hash table, which holds only the keys that there are, has fewer cache misses.</summary>
    private const int MostPlaces = 1 << 18;

    private int[] _ids = [];

    /// <summary>For how many dictionary ids there is room; a power of two.</summary>
    private int _width;

    /// <summary>Roughly how many bytes the table holds.</summary>
    public long ByteCount => _ids.Length * 4L;

    /// <summary>The id + 1 of a key, 0 where none was noted. The second text of keys that have one is 0.</summary>
    public ref int this[int first, int second] => ref _ids[parts == 1 ? first : (first * _width) + second];

    /// <summary>By dictionary id the id + 1 of a key of one text, 0 where none was noted.</summary>
    public Span<int> OfOne => _ids;

    /// <summary>Makes room for keys of a dictionary.</summary>
    /// <returns>False when they would be too many.</returns>
    public bool Covers(int dictionaryIds)
    {
        if (dictionaryIds <= _width)
        {
            return true;
        }

        long width = BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, dictionaryIds));
        long places = parts == 1 ? width : width * width;
        if (places > MostPlaces)
        {
            return false;
        }

        Resize((int)width, (int)places);
        return true;
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        _ids = [];
        _width = 0;
    }

    private void Resize(int width, int places)
    {
        int[] ids = new int[places];
        int rows = parts == 1 ? 1 : _width;
        for (int row = 0; row < rows; row++)
        {
            _ids.AsSpan(row * _width, _width).CopyTo(ids.AsSpan(row * width));
        }

        _ids = ids;
        _width = width;
    }
}
