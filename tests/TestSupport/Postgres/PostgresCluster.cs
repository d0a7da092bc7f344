namespace Lambda.TestSupport.Postgres;

/// <summary>
/// A PostgreSQL server of a test run's own, with its data in a temporary folder: started from the binaries of the machine, stopped and deleted at the end.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string User = "app";

    private readonly PostgresBinaries _binaries;
    private readonly string _folder;
    private readonly int _port;
    private int _databases;
    private int _backups;

    private PostgresCluster(PostgresBinaries binaries, string folder, int port)
    {
        _binaries = binaries;
        _folder = folder;
        _port = port;
    }

    /// <summary>Why no server can be started on this machine, and how to change that; null when one can.</summary>
    public static string? MissingReason => PostgresBinaries.Find() is null
        ? "No PostgreSQL server binaries were found in /usr/lib/postgresql/*/bin or on the PATH. Install the package 'postgresql'."
        : null;

    private string Data => Path.Combine(_folder, "data");

    private string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>The number of the server's first process.</summary>
    private int Postmaster => int.Parse(File.ReadAllLines(PidFile)[0]);

    /// <summary>Creates a cluster and starts its server.</summary>
    /// <param name="settings">Settings beyond those of the tests, such as <c>work_mem=1MB</c>.</param>
    public static async Task<PostgresCluster> StartAsync(params IReadOnlyList<string> settings)
    {
        PostgresBinaries binaries = PostgresBinaries.Find() ?? throw new InvalidOperationException(MissingReason);
        string folder = Directory.CreateTempSubdirectory("postgres-").FullName;
        PostgresCluster cluster = new(binaries, folder, FreePort.Next());
        await PostgresBinaries.TakeAsync(folder);
        await binaries.RunAsync("initdb", "-D", cluster.Data, "-U", User, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");

        // A killed server leaves what it wrote with the system, so that nothing depends on the disk having it.
        string[] lines =
        [
            $"port = {cluster._port}", "listen_addresses = '127.0.0.1'", $"unix_socket_directories = '{folder}'", "fsync = off",
            "max_connections = 200", "timezone = 'Pacific/Auckland'", .. settings,
        ];
        await File.AppendAllLinesAsync(Path.Combine(cluster.Data, "postgresql.conf"), lines);
        await cluster.StartServerAsync();
        return cluster;
    }

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test_{Interlocked.Increment(ref _databases)}";
        await _binaries.RunAsync("createdb", "-h", "127.0.0.1", "-p", $"{_port}", "-U", User, name);
        return name;
    }

    /// <summary>How to reach a database, as Npgsql takes it.</summary>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Username={User};Database={database};Include Error Detail=true";

    /// <summary>Starts the server after it was killed; its data are as they were left.</summary>
    public Task StartServerAsync() => _binaries.RunAsync(
        "pg_ctl", "start", "-w", "-s", "-t", "120", "-D", Data, "-l", Path.Combine(_folder, "server.log"));

    /// <summary>How much CPU the server has taken, connections that have ended included.</summary>
    public TimeSpan ReadCpuTime()
    {
        int postmaster = Postmaster;
        TimeSpan all = PostgresBinaries.CpuTimeOf(postmaster, endedChildrenToo: true);
        foreach (int child in PostgresBinaries.ChildrenOf(postmaster))
        {
            all += PostgresBinaries.CpuTimeOf(child, endedChildrenToo: false);
        }

        return all;
    }

    /// <summary>Ends the server at once, as a crash does: no process of it gets to do anything more.</summary>
    public async Task KillServerAsync()
    {
        int postmaster = Postmaster;
        int[] processes = [postmaster, .. PostgresBinaries.ChildrenOf(postmaster)];
        await PostgresBinaries.KillAsync(processes);
    }

    /// <summary>Backs up schemas of a database as <c>pg_dump</c> does.</summary>
    /// <returns>The file.</returns>
    public async Task<string> BackUpAsync(string database, params IReadOnlyList<string> schemas)
    {
        string file = Path.Combine(_folder, $"backup-{Interlocked.Increment(ref _backups)}.sql");
        await _binaries.RunAsync("pg_dump", [.. Reach(database), "-f", file, .. schemas.Select(schema => $"--schema={schema}")]);
        return file;
    }

    /// <summary>Removes schemas with all that is in them.</summary>
    public Task DropAsync(string database, params IReadOnlyList<string> schemas) => _binaries.RunAsync(
        "psql", [.. Reach(database), "-q", "-c", $"DROP SCHEMA {string.Join(", ", schemas)} CASCADE"]);

    /// <summary>Brings back what a backup holds; the schemas must not be there.</summary>
    public Task RestoreAsync(string database, string backup) => _binaries.RunAsync(
        "psql", [.. Reach(database), "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", backup]);

    /// <summary>Ends all connections to a database, as a restart of the server does; new ones are taken at once.</summary>
    public Task EndConnectionsAsync(string database) => _binaries.RunAsync(
        "psql",
        [.. Reach(database), "-q", "-c", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"]);

    /// <summary>Stops the server and deletes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        // A server that was killed leaves its number behind; that it cannot be stopped would hide why a test has failed.
        if (File.Exists(PidFile) && PostgresBinaries.IsRunning(Postmaster))
        {
            await _binaries.RunAsync("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", Data);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string[] Reach(string database) => ["-h", "127.0.0.1", "-p", $"{_port}", "-U", User, "-d", database];
}
