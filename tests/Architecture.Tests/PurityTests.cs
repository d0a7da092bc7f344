using Lambda.Architecture.Tests.Fixtures.Pure;
using Lambda.Architecture.Tests.Reading;
using Xunit;

namespace Lambda.Architecture.Tests;

public class PurityTests
{
    /// <summary>Namespaces of Shared whose code both layers run.</summary>
    private static readonly string[] Kernel =
    [
        "Lambda.Events", "Lambda.Time", "Lambda.Windows", "Lambda.Aggregation", "Lambda.Expressions", "Lambda.Quality", "Lambda.Views",
        "Lambda.Definition",
    ];

    /// <summary>What each layer makes of records, step by step: pure as the kernel, but in terms of what the log gives and the store takes.</summary>
    private const string Processing = "Lambda.Processing";

    /// <summary>Namespaces of Shared that hold ports and their adapters.</summary>
    private static readonly string[] Ports = ["Lambda.Log", "Lambda.Store", "Lambda.Jobs", "Lambda.Health", "Lambda.Replays"];

    private static readonly PureCode FixtureRule = new(typeof(ReadsTheTimeInALambda).Namespace!);

    [Fact]
    public void The_kernel_knows_no_port_no_package_no_clock_and_does_no_io() =>
        Findings.MustBeNone(new PureCode(Kernel).Violations(Layers.AssemblyPath("Shared")));

    /// <summary>Of packages, hashing is as pure as what .NET has in its own libraries, beside which it is kept.</summary>
    [Fact]
    public void Processing_knows_no_package_but_for_hashes_no_clock_and_does_no_io() =>
        Findings.MustBeNone(
            new PureCode(Processing) { MayKnow = [.. Kernel, "Lambda.Log", "Lambda.Store", "System.IO.Hashing"] }.Violations(Layers.AssemblyPath("Shared")));

    [Fact]
    public void Every_namespace_of_Shared_has_its_place()
    {
        var placed = new PureCode([.. Kernel, Processing, .. Ports]);
        var own = TypeUseReader.Namespaces(Layers.AssemblyPath("Shared")).Where(space => space.StartsWith("Lambda.", StringComparison.Ordinal));

        Findings.MustBeNone(own.Where(space => !placed.IsPure(space)).Select(space => $"{space}: say in this test whether it is the kernel's, processing or a port's."));
    }

    [Theory]
    [InlineData(typeof(ReadsTheTimeInALambda), "System.DateTime.get_UtcNow")]
    [InlineData(typeof(ReadsTheSystemTimeInAnIterator), "System.TimeProvider.get_System")]
    [InlineData(typeof(CountsTicksInAGenericMethod<>), "System.Environment.get_TickCount64")]
    [InlineData(typeof(MeasuresInAnAsynchronousMethod), "System.Diagnostics.Stopwatch.GetTimestamp")]
    [InlineData(typeof(ReadsTheTimeAfterAJumpTable), "System.DateTimeOffset.get_Now")]
    [InlineData(typeof(OpensAFile), "System.IO.FileStream..ctor")]
    [InlineData(typeof(NamesASocketInASignature), "System.Net.Sockets.Socket")]
    [InlineData(typeof(HoldsAPort), "Lambda.Log.IEventLog")]
    [InlineData(typeof(NamesAPortAsATypeArgument), "Lambda.Log.IEventLog")]
    [InlineData(typeof(CallsAPackage), "Xunit.Assert.True")]
    [InlineData(typeof(CarriesAPackagesAttribute), "Xunit.CollectionAttribute..ctor")]
    [InlineData(typeof(CallsOutsideTheRule), "Lambda.Architecture.Tests.Fixtures.OutsideTheRule.Answer")]
    public void Code_that_breaks_the_rule_is_found(Type culprit, string used) =>
        Assert.Contains(
            FixtureRule.Violations(culprit.Assembly.Location),
            violation => violation.StartsWith($"{culprit.FullName} uses {used} of ", StringComparison.Ordinal));

    [Fact]
    public void Code_that_keeps_the_rule_is_left_alone() =>
        Assert.DoesNotContain(
            FixtureRule.Violations(typeof(KeepsTheRule).Assembly.Location),
            violation => violation.StartsWith(typeof(KeepsTheRule).FullName!, StringComparison.Ordinal));
}
