using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lambda.Batch.History.Storage;

/// <summary>The few promises about names that .NET's file API does not make.</summary>
internal static partial class DurableFiles
{
    // Numbers of Linux; the first two are the same on macOS.
    private const int OperationNotPermitted = 1;
    private const int FileExists = 17;
    private const int NoSuchCall = 38;
    private const int NotSupported = 95;
    private const int CurrentDirectory = -100;
    private const uint NoReplace = 1;

    /// <summary>Creates a folder and those above it, durably.</summary>
    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        Directory.CreateDirectory(path);
        if (parent is not null)
        {
            FlushDirectory(parent);
        }
    }

    /// <summary>Gives a file another name in one step unless a file of that name exists. The old name is gone in either case.</summary>
    /// <returns>Whether the file has the new name now.</returns>
    public static bool MoveToNewName(string from, string to)
    {
        try
        {
            return OperatingSystem.IsWindows() ? MoveOnWindows(from, to) : LinkOrRename(from, to);
        }
        finally
        {
            File.Delete(from);
        }
    }

    /// <summary>Makes the names in a folder durable. Windows keeps them in its file system's journal without being asked.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            throw Failed("opened to flush it", path);
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed("flushed", path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static bool MoveOnWindows(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    /// <remarks>.NET's File.Move looks first and renames then, so that of two callers both could win; a hard link fails for the second.</remarks>
    private static bool LinkOrRename(string from, string to)
    {
        if (Link(from, to) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        if (error == FileExists)
        {
            return false;
        }

        // Some file systems (FAT, some network shares) know no hard links.
        if (OperatingSystem.IsLinux() && error is OperationNotPermitted or NoSuchCall or NotSupported)
        {
            if (RenameAt2(CurrentDirectory, from, CurrentDirectory, to, NoReplace) == 0)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() == FileExists)
            {
                return false;
            }
        }

        throw Failed("created (the file system must know hard links or renaming without replacement)", to);
    }

    private static IOException Failed(string what, string path)
    {
        Win32Exception cause = new(Marshal.GetLastPInvokeError());
        return new IOException($"'{path}' could not be {what}: {cause.Message}.", cause);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
