namespace Lambda.Architecture.Tests.Reading;

/// <summary>That the code of one type refers to another type, or to a member of it.</summary>
/// <param name="User">Full name of the outermost type whose code refers.</param>
/// <param name="Namespace">Namespace of the type referred to; of the outermost one when it is nested.</param>
/// <param name="Type">Its name, nested ones as <c>Outer+Inner</c>.</param>
/// <param name="Member">Metadata name of the member (<c>get_Now</c>, <c>.ctor</c>), or null when only the type is named.</param>
/// <param name="Assembly">The assembly that the reference names.</param>
internal readonly record struct TypeUse(string User, string Namespace, string Type, string? Member, string Assembly)
{
    public string FullType => Namespace.Length == 0 ? Type : $"{Namespace}.{Type}";

    public override string ToString() =>
        $"{User} uses {FullType}{(Member is null ? "" : "." + Member)} of {Assembly}";
}
