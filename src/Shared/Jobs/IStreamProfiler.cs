namespace Lambda.Jobs;

/// <summary>Describes a stream's columns from its history. The batch layer implements it; serving and the command line use it.</summary>
internal interface IStreamProfiler
{
    /// <summary>
    /// Archives what the log holds, reads the whole history of a stream, describes the events in it that count, and proposes checks that they pass.
    /// </summary>
    Task<StreamProfile> ProfileAsync(string stream, CancellationToken cancellationToken);
}

/// <summary>What a stream's history is like.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Rows">How many events it holds that count.</param>
/// <param name="LeftOut">How many are repeated or refused by a row check; they are left out here as in data checks.</param>
/// <param name="Columns">Its members, those of objects too; arrays are not looked into.</param>
/// <param name="Proposals">Checks that the history passes, as lines of C# for the stream's declaration.</param>
internal sealed record StreamProfile(string Stream, long Rows, long LeftOut, IReadOnlyList<ColumnProfile> Columns, IReadOnlyList<string> Proposals);

/// <summary>What the values of a member are like. What is of no use for its type is null or empty.</summary>
/// <param name="Column">The JSON names from the event down to the member.</param>
/// <param name="Type">What it holds.</param>
/// <param name="NullShare">The share of rows without a value; 0 when there are no rows.</param>
/// <param name="DistinctValues">About how many different values there are.</param>
/// <param name="Minimum">The lowest value, as text.</param>
/// <param name="Maximum">The highest value, as text.</param>
/// <param name="Mean">The mean of numbers.</param>
/// <param name="StandardDeviation">The (sample) standard deviation of numbers.</param>
/// <param name="Quantiles">Quantiles of numbers, by a sketch.</param>
/// <param name="MostFrequent">The most frequent values of a member with few of them.</param>
/// <param name="Pattern">A regular expression that all values match; null when none was found.</param>
internal sealed record ColumnProfile(
    string Column,
    string Type,
    double NullShare,
    long? DistinctValues,
    string? Minimum,
    string? Maximum,
    double? Mean,
    double? StandardDeviation,
    IReadOnlyList<ProfileQuantile> Quantiles,
    IReadOnlyList<FrequentValue> MostFrequent,
    string? Pattern);

/// <summary>A quantile: that share of the values is not above the value.</summary>
internal sealed record ProfileQuantile(double Share, double Value);

/// <summary>A value, and in how many rows it stands.</summary>
internal sealed record FrequentValue(string Value, long Count);
