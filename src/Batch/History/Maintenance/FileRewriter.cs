using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.Storage;
using Lambda.Log;

namespace Lambda.Batch.History.Maintenance;

/// <summary>Data files of one date whose rows are written again, in other files, column by column.</summary>
internal sealed class FileRewriter : IDisposable
{
    private readonly TableSchema _schema;
    private readonly TableLeaves _leaves;
    private readonly string _date;
    private readonly long _bytes;
    private readonly List<MergeInput> _inputs = [];

    /// <param name="schema">The table's columns.</param>
    /// <param name="leaves">The same as files have them.</param>
    /// <param name="date">The date of all rows.</param>
    /// <param name="bytes">What the files take.</param>
    private FileRewriter(TableSchema schema, TableLeaves leaves, string date, long bytes)
    {
        _schema = schema;
        _leaves = leaves;
        _date = date;
        _bytes = bytes;
    }

    /// <summary>Opens files.</summary>
    /// <param name="storage">Where the table lies.</param>
    /// <param name="shape">The table.</param>
    /// <param name="current">The version of it that has the files.</param>
    /// <param name="files">The files; at least one, all of one date.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HistoryException">A file is missing or damaged, or the table is no history.</exception>
    public static async Task<FileRewriter> OpenAsync(
        IObjectStorage storage, TableShape shape, DeltaSnapshot current, IReadOnlyList<HistoryFile> files, CancellationToken cancellationToken)
    {
        FileRewriter rewriter = new(TableSchema.Parse(current.Metadata.SchemaString, current.Table), shape.LeavesOf(current), files[0].Date!, files.Sum(file => file.Action.Size));
        try
        {
            foreach (HistoryFile file in files)
            {
                DataFileReader reader = await DataFileReader.OpenAsync(storage, shape.Folder, file, cancellationToken).ConfigureAwait(false);
                rewriter._inputs.Add(new MergeInput(reader, rewriter._leaves.All));
            }

            return rewriter;
        }
        catch
        {
            rewriter.Dispose();
            throw;
        }
    }

    /// <summary>How many rows the files have.</summary>
    public long Rows => _inputs.Sum(input => input.Rows);

    /// <summary>Why a file cannot be rewritten; null when it can.</summary>
    public string? ProblemOf(int file) => _inputs[file].Problem;

    /// <summary>Goes through what the rows of a file are sorted by.</summary>
    public RowCursor OpenRows(int file) => new(_inputs[file], _leaves);

    /// <summary>Writes rows of the files, in the order of time.</summary>
    /// <param name="files">Writes the new files.</param>
    /// <param name="isKept">Which rows.</param>
    /// <param name="rowsPerFile">How many a new file gets.</param>
    /// <param name="dataChange">False when all rows of the files are written.</param>
    /// <param name="cancellationToken">Ends the work; what was written is part of no table.</param>
    /// <exception cref="HistoryException">A file is damaged.</exception>
    public async Task<List<AddFile>> WriteAsync(
        TableFiles files, Predicate<LogPosition> isKept, int rowsPerFile, bool dataChange, CancellationToken cancellationToken)
    {
        List<AddFile> written = [];
        IReadOnlyList<ColumnEncoder> encoders = MergeEncoders.Of(_leaves.All, _inputs);
        try
        {
            using DataFileWriter writer = new(_schema.Fields, encoders);
            using MergedRows rows = MergedRows.Of(_inputs, _leaves, isKept);
            writer.Reserve(rowsPerFile < Rows ? _bytes * rowsPerFile / Rows : _bytes);
            while (rows.BeginFile(rowsPerFile))
            {
                cancellationToken.ThrowIfCancellationRequested();
                EncodedFile encoded = writer.Write(rows);
                written.Add(await files.WriteAsync(encoded, _date, rows.Offsets, dataChange, cancellationToken).ConfigureAwait(false));
            }
        }
        finally
        {
            foreach (IDisposable encoder in encoders.OfType<IDisposable>())
            {
                encoder.Dispose();
            }
        }

        return written;
    }

    public void Dispose() => _inputs.ForEach(input => input.Dispose());
}
