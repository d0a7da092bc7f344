namespace Lambda.Batch.Scan;

/// <summary>Rows that count in no view: how many there are, and where the first of them stand.</summary>
internal sealed class RowRefusals
{
    /// <summary>Of how many the place is kept, so that a file of nothing but bad rows does not fill the memory.</summary>
    public const int MostPlaces = 10_000;

    private readonly List<RowRefusal> _places = [];

    /// <summary>How many rows were refused.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<RowRefusal> Places => _places;

    /// <summary>Counts a row.</summary>
    public void Add(RowRefusal refusal)
    {
        Count++;
        if (_places.Count < MostPlaces)
        {
            _places.Add(refusal);
        }
    }

    /// <summary>Counts the rows of another.</summary>
    public void Add(RowRefusals other)
    {
        Count += other.Count;
        _places.AddRange(other._places.Take(MostPlaces - _places.Count));
    }
}
