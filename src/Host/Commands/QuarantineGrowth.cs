using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>Says how many records of a stream have gone to quarantine since it was made.</summary>
internal sealed class QuarantineGrowth
{
    private readonly Platform _platform;
    private readonly StreamDefinition _stream;
    private readonly long _before;

    private QuarantineGrowth(Platform platform, StreamDefinition stream, long before)
    {
        _platform = platform;
        _stream = stream;
        _before = before;
    }

    public static async Task<QuarantineGrowth> StartAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken) =>
        new(platform, stream, await CountAsync(platform, stream, cancellationToken).ConfigureAwait(false));

    /// <summary>Prints the number, unless there is none; the speed layer has to have committed what is to be counted.</summary>
    public async Task ReportAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        long grown = await CountAsync(_platform, _stream, cancellationToken).ConfigureAwait(false) - _before;
        if (grown > 0)
        {
            terminal.Line(
                $"{_stream.Name}: {Figures.Of(grown, "record", "records")} went to quarantine; 'status' counts them by reason, and "
                + $"'quarantine {_stream.Name}' lists them");
        }
    }

    private static async Task<long> CountAsync(Platform platform, StreamDefinition stream, CancellationToken cancellationToken)
    {
        StreamStatus? status = await platform.Store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        return status?.Partitions.Sum(partition => partition.Quarantined) ?? 0;
    }
}
