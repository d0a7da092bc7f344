using System.Diagnostics;
using System.Net.Http.Headers;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;

namespace Lambda.Hosting.Client;

/// <summary>
/// Access to an application's data for one command: through a server when one was named or holds the folder, and in this process otherwise.
/// </summary>
internal sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan StartOfServer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly DataFolder? _folder;

    private Session(ApiClient api, Platform? own, DataFolder? folder)
    {
        Api = api;
        Own = own;
        _folder = folder;
    }

    /// <summary>The API.</summary>
    public ApiClient Api { get; }

    /// <summary>The platform in this process; null when another process has it.</summary>
    public Platform? Own { get; }

    /// <summary>Opens the folder, or connects to the server that holds it.</summary>
    /// <exception cref="CommandException">A process holds it that does not answer, or it cannot be opened.</exception>
    public static async Task<Session> OpenAsync(
        Application application, HostSettings settings, PlatformRole role, string purpose, CancellationToken cancellationToken)
    {
        if (settings.Server is { } server)
        {
            return await RemoteAsync(server, settings.ApiKey, application, role, cancellationToken).ConfigureAwait(false);
        }

        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await OpenHereAsync(application, settings, role, purpose, cancellationToken).ConfigureAwait(false);
            }
            catch (CommandException error) when (error.ExitCode == ExitCodes.FolderBusy)
            {
                if (FolderOwner.Find(Path.GetFullPath(settings.DataFolder)) is { Address: { } address } owner)
                {
                    return await RemoteAsync(address, owner.Key ?? settings.ApiKey, application, role, cancellationToken).ConfigureAwait(false);
                }

                // A server that has just been started will say where it is; other commands end soon.
                if (Stopwatch.GetElapsedTime(start) > StartOfServer)
                {
                    throw;
                }
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (Own is not null)
        {
            await Own.DisposeAsync().ConfigureAwait(false);
        }

        _folder?.Dispose();
    }

    private static async Task<Session> RemoteAsync(Uri address, string? key, Application application, PlatformRole role, CancellationToken cancellationToken)
    {
        HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        ApiClient api = new(http) { Elsewhere = address };
        await UnusedSettings.NoteAsync(api, application, role, cancellationToken).ConfigureAwait(false);
        return new Session(api, own: null, folder: null);
    }

    private static async Task<Session> OpenHereAsync(
        Application application, HostSettings settings, PlatformRole role, string purpose, CancellationToken cancellationToken)
    {
        if (!DataFolder.IsNeeded(settings, role))
        {
            Platform shared = await Platform.StartAsync(application, settings, folder: null, role, cancellationToken).ConfigureAwait(false);
            return new Session(new ApiClient(shared.CreateClient()), shared, folder: null);
        }

        if (role == PlatformRole.Read && !Directory.Exists(settings.DataFolder))
        {
            throw File.Exists(settings.DataFolder) ? DataFolder.IsFile(Path.GetFullPath(settings.DataFolder)) : new CommandException(
                $"There is no data folder '{Path.GetFullPath(settings.DataFolder)}'. Begin with 'run' or 'ingest', or name another folder with --data.");
        }

        DataFolder folder = DataFolder.Open(settings.DataFolder, purpose);
        try
        {
            Platform platform = await Platform.StartAsync(application, settings, folder, role, cancellationToken).ConfigureAwait(false);
            return new Session(new ApiClient(platform.CreateClient()), platform, folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
