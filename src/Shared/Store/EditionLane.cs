using System.Globalization;

namespace Lambda.Store;

/// <summary>
/// Where an edition of a stream is kept. Its partitions and epochs are those of a lane: the edition that answers has the stream's own name, others one that
/// no stream can have. Its partials lie beside those of other editions in the tables of the views, told apart by the number that partitions have there.
/// </summary>
internal static class EditionLane
{
    /// <summary>How many partitions an edition has numbers for.</summary>
    public const int Width = 1 << 16;

    /// <summary>The highest number that an edition can have.</summary>
    public const int MaxEdition = (int.MaxValue / Width) - 1;

    private const char Mark = '~';

    /// <summary>The lane of an edition that does not answer.</summary>
    public static string Of(string stream, int edition) => string.Create(CultureInfo.InvariantCulture, $"{stream}{Mark}{edition}");

    /// <summary>The stream of a lane.</summary>
    public static string StreamOf(string lane) => lane.IndexOf(Mark) is var mark && mark < 0 ? lane : lane[..mark];

    /// <summary>The SQL condition that a column has a lane of a stream.</summary>
    /// <param name="column">The column.</param>
    /// <param name="stream">The parameter with the stream's name.</param>
    public static string IsOf(string column, string stream) => $"({column} = {stream} OR starts_with({column}, {stream} || '{Mark}'))";

    /// <summary>Whether a lane is of an edition that does not answer.</summary>
    public static bool IsBeside(string lane) => lane.Contains(Mark);

    /// <summary>The number that a partition has where partials of all editions lie together.</summary>
    public static int Slot(int edition, int partition) => checked((edition * Width) + partition);

    /// <summary>The SQL condition that partials are of an edition.</summary>
    public static string Holds(int edition) => string.Create(
        CultureInfo.InvariantCulture, $"partition BETWEEN {Slot(edition, 0)} AND {Slot(edition, Width - 1)}");
}
