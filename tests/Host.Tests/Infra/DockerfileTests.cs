using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Lambda.Host.Tests.Infra;

/// <summary>What can be said of the image without building it.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Instructions =
    [
        .. Continued().Replace(File.ReadAllText(Repository.PathOf("infra", "Dockerfile")), " ").Split('\n')
            .Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')),
    ];

    /// <summary>What the image runs, as a JSON array.</summary>
    public static string EntryPoint => Of("ENTRYPOINT").Single();

    /// <summary>What is copied from the context, in order.</summary>
    private static IEnumerable<string> Copied => Of("COPY").Where(copy => !copy.StartsWith("--", StringComparison.Ordinal)).SelectMany(copy => copy.Split(' ')[..^1]);

    [Fact]
    public void Everything_that_is_copied_is_there_and_in_the_context()
    {
        string[] included =
        [
            .. File.ReadLines(Repository.PathOf(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]),
        ];

        Assert.All(included.Concat(Copied), path => Assert.True(Path.Exists(Repository.PathOf(path)), path));
        Assert.All(Copied, path => Assert.Contains(included, entry => path == entry || path.StartsWith(entry + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Packages_are_restored_for_each_project_that_the_shop_is_made_of()
    {
        string[] beforeRestore = [.. Copied.TakeWhile(path => path != "src")];
        foreach (string project in Projects("samples/Shop/Shop.csproj").Distinct())
        {
            Assert.Contains(project, beforeRestore);
            Assert.Contains($"{Path.GetDirectoryName(project)}/packages.lock.json", beforeRestore);
        }
    }

    [Fact]
    public void It_runs_the_shop_without_a_shell_as_nobody_in_particular_on_the_runtime_that_it_is_built_for()
    {
        string framework = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.Equal(
            [$"mcr.microsoft.com/dotnet/sdk:{framework}-noble AS build", $"mcr.microsoft.com/dotnet/aspnet:{framework}-noble-chiseled-extra"], Of("FROM"));
        Assert.Equal("$APP_UID", Assert.Single(Of("USER")));
        string program = XDocument.Load(Repository.PathOf("samples", "Shop", "Shop.csproj")).Descendants("AssemblyName").Single().Value;
        Assert.Equal($"[\"dotnet\", \"{program}.dll\"]", Assert.Single(Of("ENTRYPOINT")));
    }

    [Fact]
    public void Folders_that_volumes_are_mounted_on_are_the_users()
    {
        string made = Of("RUN").Single(run => run.StartsWith("mkdir", StringComparison.Ordinal));
        Assert.Contains("--from=build --chown=$APP_UID:$APP_UID /data/ /var/lib/", Of("COPY"));
        Assert.All(
            ComposeFile.Platform.SelectMany(service => service.Mounts),
            mount => Assert.Contains(mount.Target.Replace("/var/lib/", "/data/", StringComparison.Ordinal), made.Split(' ')));
    }

    private static IEnumerable<string> Of(string instruction) =>
        Instructions.Where(line => line.StartsWith(instruction + " ", StringComparison.Ordinal)).Select(line => line[(instruction.Length + 1)..].Trim());

    /// <summary>A project and those that it refers to, as paths from the root.</summary>
    private static IEnumerable<string> Projects(string project) => XDocument.Load(Repository.PathOf(project)).Descendants("ProjectReference")
        .Select(reference => Path.GetRelativePath(Repository.Root, Repository.PathOf(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value)))
        .SelectMany(reference => Projects(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Repository.PathOf(reference)))))
        .Prepend(project);

    [GeneratedRegex(@"\\\n")]
    private static partial Regex Continued();
}
