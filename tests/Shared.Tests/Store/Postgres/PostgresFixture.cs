using Lambda.Tests.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Lambda.Tests.Store.Postgres;

/// <summary>The server of this run, started by the first test that needs it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresCluster>> _cluster = new(() => PostgresCluster.StartAsync());

    /// <summary>The server; the test is skipped when there can be none.</summary>
    public Task<PostgresCluster> GetAsync()
    {
        bool mustRun = Environment.GetEnvironmentVariable("LAMBDA_TESTS_NO_SKIP") == "1";
        Assert.SkipWhen(PostgresCluster.MissingReason is not null && !mustRun, PostgresCluster.MissingReason ?? "");
        return _cluster.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
