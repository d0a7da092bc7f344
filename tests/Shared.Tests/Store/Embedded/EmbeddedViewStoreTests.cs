using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Tests.Store.Contract;

namespace Lambda.Tests.Store.Embedded;

/// <summary>The embedded store keeps the contract.</summary>
public sealed class EmbeddedViewStoreTests : ViewStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("view-store-").FullName;

    private protected override async Task<IViewStore> OpenAsync() =>
        await EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = _folder }, Time, Token);

    private protected override ValueTask DropAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
