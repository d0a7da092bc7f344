using Lambda.Batch.History.Files;
using Lambda.Events;
using ColumnDescriptor = ParquetSharp.ColumnDescriptor;
using DecimalLogicalType = ParquetSharp.DecimalLogicalType;
using EnumLogicalType = ParquetSharp.EnumLogicalType;
using FixedLenByteArray = ParquetSharp.FixedLenByteArray;
using Int96 = ParquetSharp.Int96;
using IntLogicalType = ParquetSharp.IntLogicalType;
using JsonLogicalType = ParquetSharp.JsonLogicalType;
using LogicalType = ParquetSharp.LogicalType;
using NoneLogicalType = ParquetSharp.NoneLogicalType;
using PhysicalType = ParquetSharp.PhysicalType;
using StringLogicalType = ParquetSharp.StringLogicalType;

namespace Lambda.Batch.Scan;

/// <summary>Chooses how a column of a file is read into a column of a batch.</summary>
internal static class ScanColumns
{
    /// <summary>The decoders for a column; null when its values do not fit.</summary>
    /// <param name="source">The column in the file.</param>
    /// <param name="target">Where to.</param>
    /// <param name="nulls">Where nulls are marked.</param>
    public static ScanDecoders? Decoders(ColumnDescriptor source, Column target, bool[] nulls)
    {
        // Values of a member that only some of its column's are would have to be judged one by one.
        if (source.MaxRepetitionLevel > 0 || source.MaxDefinitionLevel > 1 || !target.Member.FillsColumn)
        {
            return null;
        }

        string name = source.Name;
        return target switch
        {
            Column<bool> column when source.PhysicalType == PhysicalType.Boolean => ScanDecoders.Of(new FixedDecoder<bool>(name, column.Values, nulls)),
            Column<int> column when Integers(source) is { IsSigned: true, Bits: <= 32 } or { Bits: < 32 } =>
                ScanDecoders.Same<int>(source, column.Values, nulls),
            Column<long> { Member.Type: ColumnType.Timestamp } column => Instants(source, column.Values, nulls),
            Column<long> column => Int64(source, column.Values, nulls),
            Column<double> column => Double(source, column.Values, nulls),
            Column<decimal> column => Decimal(source, column, nulls),
            TextColumn column when IsText(source) => ScanDecoders.Of(new BytesDecoder<TextTarget>(name, nulls, nulls.Length, new TextTarget(column))),
            DictionaryColumn column when IsText(source) => ScanDecoders.Ids(source, column, nulls),
            _ => null,
        };
    }

    /// <summary>The decoders for instants; null when the column holds none.</summary>
    public static ScanDecoders? Instants(ColumnDescriptor source, long[] values, bool[] nulls)
    {
        return InstantUnits.Of(source) switch
        {
            InstantUnit.Microseconds => ScanDecoders.Same<long>(source, values, nulls),
            InstantUnit.Milliseconds => ScanDecoders.Converted<long, long, CoarseInstant<long>>(
                source, values, nulls, new CoarseInstant<long>(InstantUnits.MicrosecondsPerMillisecond)),
            InstantUnit.Nanoseconds => ScanDecoders.Converted<long, long, NanosecondInstant>(source, values, nulls, default),
            InstantUnit.Days => ScanDecoders.Converted<int, long, CoarseInstant<int>>(
                source, values, nulls, new CoarseInstant<int>(InstantUnits.MicrosecondsPerDay)),
            InstantUnit.Int96 => ScanDecoders.Converted<Int96, long, Int96Instant>(source, values, nulls, default),
            _ => null,
        };
    }

    private static ScanDecoders? Int64(ColumnDescriptor source, long[] values, bool[] nulls) => Integers(source) switch
    {
        { Bits: 64, IsSigned: true } => ScanDecoders.Same<long>(source, values, nulls),
        { Bits: 32, IsSigned: false } => ScanDecoders.Converted<int, long, UnsignedToInt64>(source, values, nulls, default),
        { Bits: <= 32 } => ScanDecoders.Converted<int, long, Widening<int, long>>(source, values, nulls, default),
        _ => null,
    };

    private static ScanDecoders? Double(ColumnDescriptor source, double[] values, bool[] nulls) => (source.PhysicalType, Integers(source)) switch
    {
        (PhysicalType.Double, _) => ScanDecoders.Same<double>(source, values, nulls),
        (PhysicalType.Float, _) => ScanDecoders.Converted<float, double, Widening<float, double>>(source, values, nulls, default),
        (_, { Bits: 64, IsSigned: true }) => ScanDecoders.Converted<long, double, Widening<long, double>>(source, values, nulls, default),
        (_, { Bits: 32, IsSigned: true } or { Bits: < 32 }) =>
            ScanDecoders.Converted<int, double, Widening<int, double>>(source, values, nulls, default),
        _ => null,
    };

    private static ScanDecoders? Decimal(ColumnDescriptor source, Column<decimal> target, bool[] nulls)
    {
        using LogicalType logical = source.LogicalType;
        int? scale = logical is DecimalLogicalType { Scale: <= 28 } type ? type.Scale : Integers(source) is { IsSigned: true } or { Bits: < 32 } ? 0 : null;
        return (source.PhysicalType, scale) switch
        {
            (PhysicalType.Int32, { } digits) => ScanDecoders.Converted<int, decimal, ScaledDecimal<int>>(
                source, target.Values, nulls, new ScaledDecimal<int>(digits)),
            (PhysicalType.Int64, { } digits) => ScanDecoders.Converted<long, decimal, ScaledDecimal<long>>(
                source, target.Values, nulls, new ScaledDecimal<long>(digits)),
            (PhysicalType.FixedLenByteArray, { } digits) => ScanDecoders.Of(new ConvertingDecoder<FixedLenByteArray, decimal, ScaledDecimalBytes>(
                source.Name, target.Values, nulls, new ScaledDecimalBytes(source.TypeLength, digits))),
            _ when IsText(source) => ScanDecoders.Of(new BytesDecoder<DecimalTarget>(source.Name, nulls, nulls.Length, new DecimalTarget(target))),
            _ => null,
        };
    }

    private static bool IsText(ColumnDescriptor source)
    {
        using LogicalType logical = source.LogicalType;
        return source.PhysicalType == PhysicalType.ByteArray && logical is StringLogicalType or EnumLogicalType or JsonLogicalType;
    }

    /// <summary>The width of integers in a column; null when it holds something else.</summary>
    private static (int Bits, bool IsSigned)? Integers(ColumnDescriptor source)
    {
        using LogicalType logical = source.LogicalType;
        return (source.PhysicalType, logical) switch
        {
            (PhysicalType.Int32 or PhysicalType.Int64, IntLogicalType type) => (type.BitWidth, type.IsSigned),
            (PhysicalType.Int32, NoneLogicalType) => (32, true),
            (PhysicalType.Int64, NoneLogicalType) => (64, true),
            _ => null,
        };
    }
}
