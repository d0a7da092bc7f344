using Lambda.LogEngines;

string root = args.Length > 1 ? args[1] : Path.Combine(Path.GetTempPath(), "lambda-log-engines");
switch (args.FirstOrDefault())
{
    case "engines":
        EngineComparison.Run(root);
        return 0;
    case "embedded":
        await EmbeddedMeasurement.RunAsync(root);
        return 0;
    default:
        Console.Error.WriteLine("Usage: LogEngines engines|embedded [folder]");
        return 2;
}
