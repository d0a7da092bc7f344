using System.Runtime.InteropServices;
using Lambda.Architecture.Tests.Reading;

namespace Lambda.Architecture.Tests;

/// <summary>
/// The rule for code that must give the same answer whenever and wherever it runs: it refers only to the base class library and to code
/// under the same rule, reads no clock, and does no I/O.
/// </summary>
/// <param name="namespaces">The namespaces under the rule, each with those below it. <c>Lambda</c>, which all can see, always is, by itself.</param>
internal sealed class PureCode(params string[] namespaces)
{
    private static readonly HashSet<string> ClockTypes =
    [
        "System.Diagnostics.Stopwatch", "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.Timers.Timer",
    ];

    private static readonly HashSet<string> ClockMembers =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
        "System.TimeProvider.get_System",
        "System.Threading.Thread.Sleep", "System.Threading.Tasks.Task.Delay",
    ];

    // Everything else below System.IO can reach a file, a pipe or a device.
    private static readonly HashSet<string> InMemoryIo =
    [
        "System.IO.Stream", "System.IO.MemoryStream", "System.IO.UnmanagedMemoryStream", "System.IO.SeekOrigin",
        "System.IO.BinaryReader", "System.IO.BinaryWriter",
        "System.IO.TextReader", "System.IO.TextWriter", "System.IO.StringReader", "System.IO.StringWriter",
        "System.IO.IOException", "System.IO.EndOfStreamException", "System.IO.InvalidDataException",
    ];

    private static readonly string[] IoNamespaces = ["System.IO", "System.Net", "Microsoft.Win32"];

    private static readonly HashSet<string> IoTypes = ["System.Console", "System.Diagnostics.Process"];

    /// <summary>Namespaces that code under the rule may refer to without their being under it.</summary>
    public IReadOnlyList<string> MayKnow { get; init; } = [];

    public IReadOnlyList<string> Violations(string assemblyPath) =>
        [.. TypeUseReader.Read(assemblyPath, IsPure).Select(Judge).OfType<string>().Order(StringComparer.Ordinal)];

    public bool IsPure(string space) => space == "Lambda" || namespaces.Any(pure => IsWithin(space, pure));

    private string? Judge(TypeUse use)
    {
        var member = $"{use.FullType}.{use.Member}";
        return use switch
        {
            _ when MayKnow.Any(known => IsWithin(use.Namespace, known)) => null,
            _ when IsWithin(use.Namespace, "Lambda") => IsPure(use.Namespace) ? null : $"{use}: code outside the rule.",
            _ when ClockTypes.Contains(use.FullType) || ClockMembers.Contains(member) => $"{use}: a clock; take a TimeProvider instead.",
            _ when DoesIo(use) => $"{use}: I/O; take the data as an argument instead.",
            _ when IsGenerated(use) || IsBaseClassLibrary(use.Assembly) => null,
            _ => $"{use}: not in the base class library.",
        };
    }

    private static bool DoesIo(TypeUse use) =>
        IoTypes.Contains(use.FullType)
        || (IoNamespaces.Any(space => IsWithin(use.Namespace, space)) && !InMemoryIo.Contains(use.FullType));

    // The compiler puts helpers of its own (<PrivateImplementationDetails>, embedded attributes) into the assembly it makes.
    private static bool IsGenerated(TypeUse use) =>
        use.Assembly.StartsWith("Lambda.", StringComparison.Ordinal)
        && (use.Type.StartsWith('<') || IsWithin(use.Namespace, "System") || IsWithin(use.Namespace, "Microsoft"));

    // Not by the name: many packages are called System.* or Microsoft.* too.
    private static bool IsBaseClassLibrary(string assembly) =>
        File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), assembly + ".dll"));

    private static bool IsWithin(string space, string parent) =>
        space == parent || (space.StartsWith(parent, StringComparison.Ordinal) && space[parent.Length] == '.');
}
