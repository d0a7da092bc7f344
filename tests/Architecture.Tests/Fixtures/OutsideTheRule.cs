namespace Lambda.Architecture.Tests.Fixtures;

internal static class OutsideTheRule
{
    public static int Answer() => 42;
}
