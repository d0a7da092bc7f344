using System.Xml.Linq;
using Lambda.Architecture.Tests.Reading;
using Xunit;

namespace Lambda.Architecture.Tests;

public class LayerTests
{
    public static TheoryData<string> All => [.. Layers.Names];

    [Fact]
    public void Every_project_under_src_has_a_place_in_the_order_of_layers() =>
        Assert.Equal(Layers.Names, Directory.GetDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)).Order());

    [Theory]
    [MemberData(nameof(All))]
    public void A_layer_is_compiled_against_those_it_may_know_only(string layer)
    {
        var known = TypeUseReader.References(Layers.AssemblyPath(layer))
            .Where(name => name.StartsWith("Lambda.", StringComparison.Ordinal))
            .Select(name => name["Lambda.".Length..]);

        Findings.MustBeNone(Layers.Forbidden(layer, known));
    }

    // An unused reference leaves no trace in the assembly, but makes the first forbidden use a matter of one line.
    [Theory]
    [MemberData(nameof(All))]
    public void A_project_file_refers_to_those_it_may_know_only(string layer)
    {
        var project = XDocument.Load(Repository.PathOf($"src/{layer}/{layer}.csproj"));
        var known = project.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Findings.MustBeNone(Layers.Forbidden(layer, known));
    }

    [Fact]
    public void References_between_assemblies_are_seen() =>
        Assert.Contains("Lambda.Shared", TypeUseReader.References(typeof(LayerTests).Assembly.Location));
}
