using Lambda.Batch.History.Files;
using Lambda.Batch.Scan.Pages;
using Lambda.Events;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>How a column is read.</summary>
/// <param name="Library">By the library, whatever its pages are like.</param>
/// <param name="Pages">From pages of the usual kinds, several times as fast; null when its type is none of those for which that is done.</param>
internal sealed record ScanDecoders(ColumnDecoder Library, PageDecoder? Pages)
{
    /// <summary>Only by the library.</summary>
    public static ScanDecoders Of(ColumnDecoder library) => new(library, null);

    /// <summary>Values that a batch holds as the file does.</summary>
    public static ScanDecoders Same<T>(ColumnDescriptor source, T[] values, bool[] nulls)
        where T : unmanaged => new(
            new FixedDecoder<T>(source.Name, values, nulls),
            new FixedPageDecoder<T, T, Unchanged<T>>(HasLevels(source), values, nulls, default));

    /// <summary>Values that a batch holds in another type than the file.</summary>
    public static ScanDecoders Converted<TFrom, TTo, TConversion>(ColumnDescriptor source, TTo[] values, bool[] nulls, TConversion conversion)
        where TFrom : unmanaged
        where TTo : struct
        where TConversion : struct, IValueConversion<TFrom, TTo> => new(
            new ConvertingDecoder<TFrom, TTo, TConversion>(source.Name, values, nulls, conversion),
            new FixedPageDecoder<TFrom, TTo, TConversion>(HasLevels(source), values, nulls, conversion));

    /// <summary>Texts as ids of the batch's dictionary.</summary>
    public static ScanDecoders Ids(ColumnDescriptor source, DictionaryColumn column, bool[] nulls) => new(
        new BytesDecoder<DictionaryTarget>(source.Name, nulls, nulls.Length, new DictionaryTarget(column)),
        new TextPageDecoder(HasLevels(source), column, nulls));

    private static bool HasLevels(ColumnDescriptor source) => source.MaxDefinitionLevel > 0;
}
