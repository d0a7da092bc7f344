using System.Text;
using Lambda.Events.Texts;

namespace Lambda.Events;

/// <summary>
/// Interns strings over their UTF-8 bytes to dense ids, so that rows carry an <see cref="int"/> and no <see cref="string"/> is made for
/// a value that is only grouped or compared. Id 0 stands for null. Ids are never given twice; a dictionary only grows.
/// </summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
internal sealed class StringDictionary
{
    /// <summary>The id of null.</summary>
    public const int Null = 0;

    /// <summary>Open addressing by linear probing over ids; 0 marks a free place. The length is a power of two, at most half full.</summary>
    private int[] _table = new int[64];
    private uint[] _hashes = new uint[32];
    private TextWords[] _words = new TextWords[32];

    /// <summary>The bytes of id i are <c>[_ends[i - 1], _ends[i])</c>.</summary>
    private int[] _ends = new int[32];
    private byte[] _bytes = new byte[512];
    private string?[] _strings = new string?[32];
    private Dictionary<Type, object>? _parsed;

    /// <summary>The number of ids given, the one of null included.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Roughly how many bytes the dictionary holds.</summary>
    public long ByteCount => _bytes.Length + (_table.Length * 4L) + (_ends.Length * 40L);

    /// <summary>The id of a string given as UTF-8; a new one when it is seen for the first time.</summary>
    public int Intern(ReadOnlySpan<byte> utf8)
    {
        TextWords words = TextWords.Of(utf8);
        uint hash = words.IsWhole ? Utf8Hash.Of(words) : Utf8Hash.Of(utf8);
        int[] table = _table;
        int place = (int)hash & (table.Length - 1);
        while (table[place] is int id and not 0)
        {
            if (_words[id] == words && (words.IsWhole || Utf8(id).SequenceEqual(utf8)))
            {
                return id;
            }

            place = (place + 1) & (table.Length - 1);
        }

        return Add(utf8, words, hash, place);
    }

    /// <summary>The id of a string; <see cref="Null"/> for null.</summary>
    public int Intern(string? value)
    {
        if (value is null)
        {
            return Null;
        }

        int maxBytes = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (maxBytes > 1024)
        {
            return Intern(Encoding.UTF8.GetBytes(value));
        }

        Span<byte> buffer = stackalloc byte[maxBytes];
        return Intern(buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
    }

    /// <summary>The UTF-8 bytes of an id; empty for <see cref="Null"/>.</summary>
    public ReadOnlySpan<byte> Utf8(int id) => id == Null ? default : _bytes.AsSpan(_ends[id - 1], _ends[id] - _ends[id - 1]);

    /// <summary>The string of an id, made once and kept.</summary>
    public string? GetString(int id) => id == Null ? null : _strings[id] ??= Encoding.UTF8.GetString(Utf8(id));

    /// <summary>What the strings stand for as values of a type that has a <see cref="TextForm"/>.</summary>
    public ParsedTexts<T> Parsed<T>()
    {
        _parsed ??= [];
        if (!_parsed.TryGetValue(typeof(T), out object? parsed))
        {
            parsed = new ParsedTexts<T>(this);
            _parsed.Add(typeof(T), parsed);
        }

        return (ParsedTexts<T>)parsed;
    }

    private int Add(ReadOnlySpan<byte> utf8, TextWords words, uint hash, int place)
    {
        int id = Count++;
        if (id == _ends.Length)
        {
            Array.Resize(ref _ends, id * 2);
            Array.Resize(ref _hashes, id * 2);
            Array.Resize(ref _words, id * 2);
            Array.Resize(ref _strings, id * 2);
        }

        int start = _ends[id - 1];
        int end = checked(start + utf8.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        }

        utf8.CopyTo(_bytes.AsSpan(start));
        _ends[id] = end;
        _hashes[id] = hash;
        _words[id] = words;
        _table[place] = id;
        if (Count * 2 > _table.Length)
        {
            Rehash();
        }

        return id;
    }

    private void Rehash()
    {
        int[] table = new int[_table.Length * 2];
        int mask = table.Length - 1;
        for (int id = 1; id < Count; id++)
        {
            int place = (int)_hashes[id] & mask;
            while (table[place] != 0)
            {
                place = (place + 1) & mask;
            }

            table[place] = id;
        }

        _table = table;
    }
}
