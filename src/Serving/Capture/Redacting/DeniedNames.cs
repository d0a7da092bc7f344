namespace Lambda.Capture.Redacting;

/// <summary>Names whose values stay in the process; compared without regard to case. What was allowed by name is let through.</summary>
/// <param name="usual">Those denied unless the application says otherwise.</param>
internal sealed class DeniedNames(IEnumerable<string> usual)
{
    private readonly HashSet<string> _denied = new(usual, StringComparer.OrdinalIgnoreCase);

    public void Deny(IEnumerable<string> names) => _denied.UnionWith(names);

    public void Allow(IEnumerable<string> names) => _denied.ExceptWith(names);

    public bool Contains(string name) => _denied.Contains(name);
}
