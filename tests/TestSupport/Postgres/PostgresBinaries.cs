using System.Diagnostics;

namespace Lambda.TestSupport.Postgres;

/// <summary>The programs of an installed PostgreSQL, which refuse to run as root: then they run as the user that the package has made.</summary>
internal sealed class PostgresBinaries
{
    private const string Owner = "postgres";

    private static readonly bool IsRoot = Environment.UserName == "root";

    private readonly string _folder;

    private PostgresBinaries(string folder) => _folder = folder;

    /// <summary>Those of the newest version on the machine; null when there is none.</summary>
    public static PostgresBinaries? Find()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out int version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return versions.Concat(path).FirstOrDefault(folder => ((string[])["initdb", "pg_ctl", "createdb", "postgres"])
            .All(program => File.Exists(Path.Combine(folder, program)))) is { } found
            ? new PostgresBinaries(found)
            : null;
    }

    /// <summary>Gives a folder to the user that the server runs as.</summary>
    public static Task TakeAsync(string folder) => IsRoot ? StartAsync("chown", [Owner, folder]) : Task.CompletedTask;

    /// <summary>Runs a program to its end.</summary>
    public Task RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        string file = Path.Combine(_folder, program);
        return IsRoot ? StartAsync("runuser", ["-u", Owner, "--", file, .. arguments]) : StartAsync(file, arguments);
    }

    /// <summary>The processes that a process has started and that still run.</summary>
    public static IEnumerable<int> ChildrenOf(int process) => File
        .ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    /// <summary>How much CPU a process has taken; nothing when it has ended meanwhile.</summary>
    public static TimeSpan CpuTimeOf(int process, bool endedChildrenToo)
    {
        const int TicksPerSecond = 100;
        try
        {
            // Behind the name, which may hold anything: state, parent, ...; user and system time are the 12th and 13th, those of ended children the next two.
            string line = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds(fields[11..(endedChildrenToo ? 15 : 13)].Sum(long.Parse) / (double)TicksPerSecond);
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Kills processes, and waits until they are gone, as some may be already: a server's children come and go.</summary>
    public static async Task KillAsync(IReadOnlyList<int> processes)
    {
        List<Process> killed = [];
        foreach (int id in processes)
        {
            try
            {
                Process process = Process.GetProcessById(id);
                killed.Add(process);
                process.Kill();
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                // It is gone already.
            }
        }

        foreach (Process process in killed)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Whether there is a process of a number.</summary>
    public static bool IsRunning(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task StartAsync(string file, IReadOnlyList<string> arguments)
    {
        // Anywhere but in a folder that the server's user may not enter.
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" },
        };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors}{await output}");
        }
    }
}
