namespace Lambda.Definition;

/// <summary>What streams and views may be called: names that are also good for topics, tables, folders and addresses.</summary>
internal static class Names
{
    private const int MaxLength = 100;

    /// <exception cref="DefinitionException">The name cannot be used.</exception>
    public static void Validate(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool isGood = name.Length is > 0 and <= MaxLength
            && char.IsAsciiLetter(name[0])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
        if (!isGood)
        {
            throw new DefinitionException($"A {kind} cannot be named '{name}'. Begin with a letter and use at most {MaxLength} letters a to z, "
                + "digits, '_' and '-', such as \"delays_by_origin\".");
        }
    }
}
