using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Settings;

namespace Lambda.Hosting.Data;

/// <summary>
/// The folder that holds everything an application keeps. While it is open no other process can open it. Nothing outside of it is written.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly FolderOwner _owner;

    private DataFolder(string path, FileStream folderLock, FolderOwner owner)
    {
        Root = path;
        _lock = folderLock;
        _owner = owner;
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>Where the event log is.</summary>
    public string Log => Path.Combine(Root, "log");

    /// <summary>Where the view store is.</summary>
    public string Store => Path.Combine(Root, "store");

    /// <summary>Where the history is.</summary>
    public string History => Path.Combine(Root, "history");

    /// <summary>Where temporary files go; emptied whenever the folder is opened.</summary>
    public string Temporary => Path.Combine(Root, "temp");

    /// <summary>Where is written which seeds have been taken in.</summary>
    public string Seeds => Path.Combine(Root, "seeds");

    /// <summary>Whether a process needs the folder: for an embedded log or store, or for the history.</summary>
    public static bool IsNeeded(HostSettings settings, PlatformRole role) =>
        !settings.IsShared || (role.Computes() && settings.Layers.HasFlag(Layers.Batch));

    /// <summary>Opens the folder, and creates it when it is missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="purpose">What for, in a word, so that other processes can say who holds it.</param>
    /// <exception cref="CommandException">Another process holds it, or it cannot be written.</exception>
    public static DataFolder Open(string path, string purpose)
    {
        string root = Path.GetFullPath(path);
        if (File.Exists(root))
        {
            throw IsFile(root);
        }

        FileStream? folderLock = null;
        try
        {
            Directory.CreateDirectory(root);
            folderLock = FolderLock.TryTake(root) ?? throw Busy(root, FolderOwner.Find(root));
            DataFolder folder = new(root, folderLock, FolderOwner.Announce(root, purpose));
            folder.CreateTree();
            return folder;
        }
        catch (Exception error)
        {
            folderLock?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(
                    $"The data folder '{root}' cannot be created or written: {error.Message} Give this user write access to it, or choose another "
                    + "folder with --data.",
                    ExitCodes.Failed,
                    error);
            }

            throw;
        }
    }

    /// <summary>Lets other processes know where this one can be reached.</summary>
    /// <param name="address">Where.</param>
    /// <param name="key">A key that it takes; null when it asks for none.</param>
    public void Announce(Uri address, string? key) => _owner.Announce(Root, address, key);

    /// <summary>The error for a folder that another process holds.</summary>
    public static CommandException Busy(string root, FolderOwner? owner)
    {
        string holder = owner is null ? "another process" : $"process {owner.ProcessId} ('{owner.Purpose}', since {owner.StartedAt:u})";
        return new CommandException(
            $"The data folder '{root}' is held by {holder}. Wait until it ends or stop it, or choose another folder with --data.", ExitCodes.FolderBusy);
    }

    /// <summary>The error for a file in the folder's place.</summary>
    public static CommandException IsFile(string root) =>
        new($"The data folder '{root}' cannot be created or written: it is a file. Name a folder with --data.", ExitCodes.Failed);

    public void Dispose()
    {
        FolderOwner.Withdraw(Root);
        _lock.Dispose();
    }

    private void CreateTree()
    {
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }

        foreach (string folder in (string[])[Log, Store, History, Seeds, Temporary])
        {
            Directory.CreateDirectory(folder);
        }
    }
}
