using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public class RuntimeDemandsTests
{
    // A program of one file is built for ahead-of-time compilation unless it says otherwise; its first command ended as a defect of the program.
    [Fact]
    public void A_program_built_for_ahead_of_time_compilation_is_told_which_line_to_add()
    {
        CommandException error = Assert.Throws<CommandException>(() => RuntimeDemands.Check(isDynamicCodeSupported: false));

        Assert.Equal(ExitCodes.WrongUsage, error.ExitCode);
        Assert.Contains("#:property PublishAot=false", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_other_program_starts() => RuntimeDemands.Check(isDynamicCodeSupported: true);
}
