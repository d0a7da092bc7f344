namespace Lambda.Host.Tests.Support;

/// <summary>The flights of the sample, which are copied beside the tests.</summary>
internal static class FlightsFile
{
    /// <summary>They as a table in SQL.</summary>
    public static string Sql => $"read_parquet('{Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet")}')";
}
