namespace Lambda.Store;

/// <summary>Which sessions a watermark has not refused yet.</summary>
/// <param name="LeastEnd">The least end that it has not refused, in UTC microseconds.</param>
/// <param name="Gap">The gap of the sessions, in microseconds.</param>
internal readonly record struct LiveSessionBound(long LeastEnd, long Gap)
{
    /// <summary>Each such session has an event at this instant or later, as it ends a gap behind its last one.</summary>
    public long LeastLastEvent => (long)Int128.Max((Int128)LeastEnd - Gap, long.MinValue);
}
