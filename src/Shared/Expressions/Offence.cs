using System.Reflection;

namespace Lambda.Expressions;

/// <summary>A member whose value can differ for the same event.</summary>
/// <param name="Member">The member.</param>
/// <param name="Problem">What it depends on, as the relative clause of a sentence: <c>which …</c>.</param>
/// <param name="Remedy">What to write instead, as a sentence.</param>
internal sealed record Offence(MemberInfo Member, string Problem, string Remedy);
