using Lambda.Batch.Scan.Pages;
using Lambda.Events;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>Where the values of a member come from: a column of a file, one row group after the other.</summary>
/// <param name="member">The member.</param>
/// <param name="index">The column in the file; null when it has none.</param>
/// <param name="decoders">Read it.</param>
/// <param name="needed">Where nulls are marked that an event must not have; null when it may.</param>
internal sealed class ScanSource(EventMember member, int? index, ScanDecoders decoders, bool[]? needed) : IDisposable
{
    private ScanFile? _file;
    private RowGroup _group;

    /// <summary>The decoder of the row group, when its pages are read here.</summary>
    private PageDecoder? _pages;

    /// <summary>The row group, when the library reads it.</summary>
    private RowGroupReader? _open;

    /// <summary>The member.</summary>
    public EventMember Member => member;

    /// <summary>Where nulls are marked that an event must not have; null when it may.</summary>
    public bool[]? Needed => needed;

    /// <summary>Starts a row group.</summary>
    /// <exception cref="ScanException">The file is damaged.</exception>
    public void Open(ScanFile file, RowGroup group)
    {
        _file = file;
        _group = group;
        try
        {
            bool isReadHere = decoders.Pages is { } pages && index is { } column && file.Chunks.Find(group.Index, column) is { } place
                && pages.TryOpen(file.Bytes, place, group.Rows);
            _pages = isReadHere ? decoders.Pages : null;
            if (!isReadHere)
            {
                _open = file.RowGroup(group.Index);
                decoders.Library.Open(index is { } other ? _open.Column(other) : null);
            }
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw Damaged(error);
        }
    }

    /// <summary>Puts the next rows into the batch.</summary>
    /// <exception cref="ScanException">The file is damaged.</exception>
    public void Read(int count)
    {
        try
        {
            if (_pages is { } pages)
            {
                pages.Read(count);
            }
            else
            {
                decoders.Library.Read(count);
            }
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw Damaged(error);
        }
    }

    /// <summary>Leaves the row group; another can be opened.</summary>
    public void Dispose()
    {
        decoders.Library.Dispose();
        _open?.Dispose();
        _open = null;
    }

    private ScanException Damaged(Exception error) => _file!.Damaged(_group.Index, member.JsonName, error);

    private static bool IsOfFile(Exception error) => error is ParquetException or InvalidDataException or OverflowException or IOException;
}
