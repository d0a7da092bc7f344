#pragma warning disable CA1822 // The members stand for ordinary code; whether they could be static is not the point.
using System.Diagnostics;
using System.Net.Sockets;
using Lambda.Log;
using Xunit;

namespace Lambda.Architecture.Tests.Fixtures.Pure;

// Each type breaks the rule for pure code in one way, except the last, which keeps it.

internal sealed class ReadsTheTimeInALambda
{
    public Func<DateTime> Clock => () => DateTime.UtcNow;
}

internal sealed class ReadsTheSystemTimeInAnIterator
{
    public IEnumerable<DateTimeOffset> Times()
    {
        yield return TimeProvider.System.GetUtcNow();
    }
}

internal sealed class CountsTicksInAGenericMethod<T>
{
    public long Since(T[] items, long start) => items.Length + Environment.TickCount64 - start;
}

internal sealed class MeasuresInAnAsynchronousMethod
{
    public async Task<long> Elapsed(Task work)
    {
        await work.ConfigureAwait(false);
        return Stopwatch.GetTimestamp();
    }
}

internal sealed class ReadsTheTimeAfterAJumpTable
{
    public string Say(int number) => number switch
    {
        0 => "zero",
        1 => "one",
        2 => "two",
        3 => "three",
        4 => "four",
        5 => "five",
        6 => "six",
        _ => $"{DateTimeOffset.Now:O}",
    };
}

internal sealed class OpensAFile
{
    public Stream Open(string path) => new FileStream(path, FileMode.Open);
}

internal sealed class NamesASocketInASignature
{
    public bool IsThere(Socket? socket) => socket is not null;
}

internal sealed class HoldsAPort(IEventLog log)
{
    public override string ToString() => $"{log}";
}

internal sealed class NamesAPortAsATypeArgument
{
    public int Count(List<IEventLog[]> logs) => logs.Count;
}

internal sealed class CallsAPackage
{
    public void Check(bool condition) => Assert.True(condition);
}

[Collection("none")]
internal sealed class CarriesAPackagesAttribute;

internal sealed class CallsOutsideTheRule
{
    public int Ask() => OutsideTheRule.Answer();
}

internal sealed class KeepsTheRule(TimeProvider time)
{
    public async Task<int> Work(IEnumerable<DateTime> times, Task<int> task)
    {
        using var memory = new MemoryStream();
        var late = times.Where(t => t < time.GetUtcNow().UtcDateTime).OrderBy(t => t).ToList();
        ReadOnlySpan<byte> constant = [1, 2, 3, 5, 7, 11, 13, 17, 19];
        memory.Write(constant);
        return late switch
        {
            [] => await task.ConfigureAwait(false),
            [var only] => only.Day,
            _ => (int)memory.Length,
        };
    }
}
