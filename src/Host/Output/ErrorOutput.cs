namespace Lambda.Hosting.Output;

/// <summary>The standard error: errors, warnings and notes, which are not part of what a command answers.</summary>
internal static class ErrorOutput
{
    /// <summary>Prints a line. What a terminal would obey is shown instead, as messages quote keys and records of whoever sends events.</summary>
    public static void Line(string text) => Console.Error.WriteLine(Figures.Printable(text));

    /// <inheritdoc cref="Line"/>
    public static Task LineAsync(string text) => Console.Error.WriteLineAsync(Figures.Printable(text));
}
