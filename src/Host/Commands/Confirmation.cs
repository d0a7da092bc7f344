namespace Lambda.Hosting.Commands;

/// <summary>Asks whoever sits before the terminal.</summary>
internal static class Confirmation
{
    /// <summary>Whether a question is answered with yes.</summary>
    /// <param name="warning">What is said before it, ending in a space; empty when all has been said.</param>
    public static bool IsGiven(string warning = "")
    {
        // Asked on the error stream, as the output may go to a file.
        Console.Error.Write($"{warning}Type yes to go on: ");
        return string.Equals(Console.ReadLine()?.Trim(), "yes", StringComparison.OrdinalIgnoreCase);
    }
}
