using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// What the runtime calls before the main method of a program that <see cref="Lambda.Host.Tests.Support.CommandProcess"/> has started: the program does one command
/// after the other, in place of one alone. Has no namespace, as the runtime wants it so.
/// </summary>
internal static class StartupHook
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    public static void Initialize()
    {
        // What commands print goes elsewhere, and what they read is empty.
        using StreamReader orders = new(new FileStream(new SafeFileHandle(Duplicate(StandardInput), ownsHandle: true), FileAccess.Read));
        using StreamWriter results = new(new FileStream(new SafeFileHandle(Duplicate(StandardOutput), ownsHandle: true), FileAccess.Write)) { AutoFlush = true };
        Redirect(StandardInput, "/dev/null", FileAccess.Read);
        MethodInfo main = Assembly.GetEntryAssembly()!.EntryPoint!;
        while (orders.ReadLine() is { } line)
        {
            string[] order = JsonSerializer.Deserialize<string[]>(line)!;
            Redirect(StandardOutput, order[0], FileAccess.Write);
            Redirect(StandardError, order[1], FileAccess.Write);
            using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
            using StreamWriter error = new(Console.OpenStandardError()) { AutoFlush = true };
            Console.SetOut(output);
            Console.SetError(error);
            results.WriteLine((int)main.Invoke(null, [order[2..]])!);
        }

        Environment.Exit(0);
    }

    private static void Redirect(int descriptor, string file, FileAccess access)
    {
        using SafeFileHandle opened = File.OpenHandle(file, access == FileAccess.Read ? FileMode.Open : FileMode.Create, access, FileShare.ReadWrite);
        if (Duplicate((int)opened.DangerousGetHandle(), descriptor) < 0)
        {
            throw new IOException($"'{file}' cannot take the place of descriptor {descriptor}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int descriptor);

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int descriptor, int place);
}
