using System.Diagnostics;

namespace Lambda.TestSupport;

/// <summary>
/// Scripts that start and stop a server, and the temporary folder with the data of one. The server ends with the process that started it, also when that is killed.
/// </summary>
internal sealed class ServerScripts
{
    private readonly string _scripts;

    private ServerScripts(string scripts, string folder)
    {
        _scripts = scripts;
        Folder = folder;
    }

    /// <summary>Where the server has its data.</summary>
    public string Folder { get; }

    /// <summary>The folder <c>../shared/NAME</c> beside the repository, or that which the environment names; null when neither has the script.</summary>
    /// <param name="name">The name of the folder.</param>
    /// <param name="variable">The variable of the environment.</param>
    /// <param name="script">The script.</param>
    public static string? Find(string name, string variable, string script)
    {
        List<string> places = [Repository.PathOf("..", "shared", name)];
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } home)
        {
            places.Add(home);
        }

        return places.Find(place => File.Exists(Path.Combine(place, script)));
    }

    /// <summary>A new folder for the data of a server.</summary>
    /// <param name="scripts">Where the scripts are.</param>
    /// <param name="name">The start of the folder's name.</param>
    /// <param name="stop">What ends the server once this process has ended: a script, which is given the folder, and what follows the folder.</param>
    public static ServerScripts InNewFolder(string scripts, string name, params string[] stop)
    {
        ServerScripts server = new(scripts, Directory.CreateTempSubdirectory(name).FullName);

        // The server is in a session of its own and would outlive a test process that is killed.
        Process.Start(
            "setsid",
            ["sh", "-c", "tail --pid=\"$1\" -f /dev/null; d=\"$2\"; s=\"$3\"; shift 3; \"$s\" \"$d\" \"$@\" 2> /dev/null; rm -rf \"$d\"", "sh",
                $"{Environment.ProcessId}", server.Folder, Path.Combine(scripts, stop[0]), .. stop[1..]])!
            .Dispose();
        return server;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">Its name.</param>
    /// <param name="arguments">What it is given.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> RunAsync(string script, params string[] arguments)
    {
        // Output goes to a file: the server inherits the handles, and a pipe would stay open as long as it lives.
        string output = Path.Combine(Folder, $"{script}.out");
        ProcessStartInfo start = new("sh", ["-c", "out=\"$1\"; shift; exec \"$@\" > \"$out\" 2>&1", "sh", output, Path.Combine(_scripts, script), .. arguments]);

        // A server that lives for minutes has Java translate its code quickly rather than well.
        start.Environment.TryAdd("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        string text = await File.ReadAllTextAsync(output);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{script} failed with exit code {process.ExitCode}:\n{text}");
    }
}
