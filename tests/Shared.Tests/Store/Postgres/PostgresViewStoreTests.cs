using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.Tests.Store.Contract;
using Lambda.TestSupport.Postgres;

namespace Lambda.Tests.Store.Postgres;

/// <summary>The PostgreSQL store keeps the contract.</summary>
public sealed class PostgresViewStoreTests(PostgresFixture fixture) : ViewStoreContract
{
    private PostgresStoreOptions? _options;

    private protected override async Task<IViewStore> OpenAsync()
    {
        if (_options is null)
        {
            PostgresCluster cluster = await fixture.GetAsync();

            // Every epoch that is whole in one commit is packed here, as few partials as it has; all others are not.
            _options = new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()), PieceSize = 1 };
        }

        return await PostgresViewStore.OpenAsync(_options, Time, Token);
    }

    private protected override ValueTask DropAsync() => ValueTask.CompletedTask;
}
