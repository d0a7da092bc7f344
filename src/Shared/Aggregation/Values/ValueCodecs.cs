namespace Lambda.Aggregation.Values;

/// <summary>Which codec knows the values of a type.</summary>
internal static class ValueCodecs
{
    private static readonly Dictionary<Type, Type> ByType = new()
    {
        [typeof(bool)] = typeof(BooleanCodec),
        [typeof(sbyte)] = typeof(IntegerCodec<sbyte>),
        [typeof(byte)] = typeof(IntegerCodec<byte>),
        [typeof(short)] = typeof(IntegerCodec<short>),
        [typeof(ushort)] = typeof(IntegerCodec<ushort>),
        [typeof(int)] = typeof(IntegerCodec<int>),
        [typeof(uint)] = typeof(IntegerCodec<uint>),
        [typeof(long)] = typeof(IntegerCodec<long>),
        [typeof(float)] = typeof(SingleCodec),
        [typeof(double)] = typeof(DoubleCodec),
        [typeof(decimal)] = typeof(DecimalCodec),
        [typeof(string)] = typeof(StringCodec),
        [typeof(DateTime)] = typeof(DateTimeCodec),
        [typeof(DateTimeOffset)] = typeof(DateTimeOffsetCodec),
        [typeof(DateOnly)] = typeof(DateOnlyCodec),
        [typeof(TimeSpan)] = typeof(TimeSpanCodec),
        [typeof(Guid)] = typeof(GuidCodec),
    };

    /// <summary>The types, enumerations aside, in words.</summary>
    public static string Supported => "bool, integers up to long, float, double, decimal, string, DateTime, DateTimeOffset, DateOnly, TimeSpan, Guid and enumerations";

    /// <summary>The codec of a type; null when there is none.</summary>
    public static Type? Find(Type type) => type.IsEnum ? typeof(EnumCodec<>).MakeGenericType(type) : ByType.GetValueOrDefault(type);
}
