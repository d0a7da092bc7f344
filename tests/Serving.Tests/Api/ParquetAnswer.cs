using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

/// <summary>An answer as a Parquet file, as DuckDB reads it.</summary>
internal sealed class ParquetAnswer : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lambda-{Guid.NewGuid():N}.parquet");

    /// <summary>Names and types.</summary>
    public string Columns => string.Join(", ", Duck.Texts($"SELECT column_name || ' ' || column_type FROM (DESCRIBE SELECT * FROM '{_path}')"));

    /// <summary>The values of each row, by column.</summary>
    public IReadOnlyList<string> Rows => Duck.Texts($"SELECT concat_ws('|', {string.Join(", ", Names().Select(name => $"coalesce(\"{name}\"::VARCHAR, 'NULL')"))}) FROM '{_path}'");

    /// <summary>The file's metadata, without the version of the view.</summary>
    public string Metadata => string.Join(", ", Duck.Texts(
        $"SELECT decode(key) || '=' || decode(value) FROM parquet_kv_metadata('{_path}') WHERE decode(key) LIKE 'lambda.%' AND decode(key) <> 'lambda.version' ORDER BY 1"));

    public static async Task<ParquetAnswer> ReadAsync(ServingApp app, string query)
    {
        ParquetAnswer answer = new();
        Uri address = new($"/api/views/{query}&format=parquet", UriKind.Relative);
        await File.WriteAllBytesAsync(answer._path, await app.Client.GetByteArrayAsync(address, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        return answer;
    }

    public void Dispose() => File.Delete(_path);

    private List<string> Names() => Duck.Texts($"SELECT column_name FROM (DESCRIBE SELECT * FROM '{_path}')");
}
