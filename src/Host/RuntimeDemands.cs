using Lambda.Hosting.Commands;

namespace Lambda.Hosting;

/// <summary>What the platform asks of the runtime that the user's program was built for.</summary>
internal static class RuntimeDemands
{
    /// <summary>Refuses a program built for ahead-of-time compilation, as file-based programs are unless they say otherwise.</summary>
    /// <exception cref="CommandException">The program cannot compile code while it runs.</exception>
    public static void Check(bool isDynamicCodeSupported)
    {
        if (!isDynamicCodeSupported)
        {
            throw new CommandException(
                "This program is built for ahead-of-time compilation, in which the expressions of views cannot be compiled. In a program of one file, add "
                + "the line '#:property PublishAot=false' at its top; in a project, take PublishAot out.",
                ExitCodes.WrongUsage);
        }
    }
}
