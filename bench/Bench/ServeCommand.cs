using Lambda.Definition;
using Lambda.Hosting;

namespace Lambda.Bench;

/// <summary>
/// The flights as an application, in a process that benchmarks start: <c>serve FORM …</c>, where FORM is <c>hours</c> for the hourly view or
/// <c>sessions</c> for one of sessions beside it; what follows is the application's own command line.
/// </summary>
internal static class ServeCommand
{
    public const string Name = "serve";
    public const string Sessions = "sessions";
    public const string Hours = "hours";

    /// <summary>How many partitions the stream has.</summary>
    public const int Partitions = 4;

    public static Task<int> RunAsync(string form, string[] arguments)
    {
        LambdaApplicationBuilder app = LambdaApplication.CreateBuilder(arguments);
        app.Name = "bench";
        StreamBuilder<Flight> flights = Flight.Declare(app.Stream<Flight>(Flight.StreamName), Partitions);
        More(form)(flights);
        return app.Build().RunAsync();
    }

    /// <summary>The same streams and views, for who prepares the store of such a process.</summary>
    public static Catalog Catalog(string form) => Flight.Catalog(Partitions, More(form));

    private static Action<StreamBuilder<Flight>> More(string form) => form switch
    {
        Hours => AddNothing,
        Sessions => Flight.AddSessions,
        _ => throw new ArgumentException($"'{form}' is no form of windows: give {Hours} or {Sessions}."),
    };

    private static void AddNothing(StreamBuilder<Flight> flights)
    {
    }
}
