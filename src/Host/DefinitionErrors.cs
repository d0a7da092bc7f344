using Lambda.Hosting.Commands;
using Lambda.Hosting.Output;

namespace Lambda.Hosting;

/// <summary>
/// Prints what is wrong with a definition or with the settings it is made under. Definitions are made by statements of the user's program, outside of any call that could catch their
/// errors, and the runtime would bury the message in a stack trace and report an abort.
/// </summary>
internal static class DefinitionErrors
{
    private static int _installed;

    public static void PrintInsteadOfCrashing()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        }
    }

    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs arguments)
    {
        if (arguments.ExceptionObject is Exception { Message: var message } and (DefinitionException or CommandException))
        {
            ErrorOutput.Line($"error: {message}");
            Console.Error.Flush();
            Environment.Exit(ExitCodes.WrongUsage);
        }
    }
}
