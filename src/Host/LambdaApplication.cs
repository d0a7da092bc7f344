using System.Runtime.CompilerServices;
using Lambda.Hosting.Commands;

namespace Lambda.Hosting;

/// <summary>An event analytics application: streams and views that are declared once and run in a batch and a speed layer.</summary>
/// <remarks>
/// <code>
/// var app = LambdaApplication.CreateBuilder(args);
/// app.Stream&lt;Flight&gt;("flights").EventTime(f => f.Date)
///     .View("delays").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Flights = a.Count() });
/// return await app.Build().RunAsync();
/// </code>
/// </remarks>
public sealed class LambdaApplication
{
    private readonly Application _application;
    private readonly string[] _args;

    internal LambdaApplication(Application application, string[] args)
    {
        _application = application;
        _args = args;
    }

    /// <summary>Begins an application.</summary>
    /// <param name="args">The arguments of the command line.</param>
    public static LambdaApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        DefinitionErrors.PrintInsteadOfCrashing();
        RuntimeDemands.Check(RuntimeFeature.IsDynamicCodeSupported);
        return new LambdaApplicationBuilder(args);
    }

    /// <summary>
    /// Does what the command line asks for, <c>run</c> when it says nothing; <c>--help</c> tells more. Errors that a user can put right are printed
    /// to the standard error stream.
    /// </summary>
    /// <param name="cancellationToken">Ends the command as Ctrl-C does: with everything that was acknowledged committed.</param>
    /// <returns>The exit code, which is also set as the process's.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        int exitCode = await new CommandLine(_application).RunAsync(_args, cancellationToken).ConfigureAwait(false);
        Environment.ExitCode = exitCode;
        return exitCode;
    }
}
