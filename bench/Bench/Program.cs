using Lambda.Bench;

switch (args)
{
    case ["kernel", ..]:
        KernelBenchmark.Run(copies: 4, rounds: 5);
        return 0;
    default:
        Console.Error.WriteLine("Usage: dotnet run -c Release --project bench/Bench -- kernel");
        return 2;
}
