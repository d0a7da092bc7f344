using Lambda.Bench;
using Lambda.Bench.Batch;
using Lambda.Bench.Counts;
using Lambda.Bench.Fresh;
using Lambda.Bench.Kafka;
using Lambda.Bench.Publish;
using Lambda.Bench.Recovery;
using Lambda.Bench.Soak;
using Lambda.Bench.Workloads;

switch (args)
{
    case ["kernel", ..]:
        KernelBenchmark.Run(copies: 4, rounds: 5);
        return 0;
    case ["json", ..]:
        JsonBenchmark.Run(copies: 4, rounds: 9);
        return 0;
    case ["embedded", ..]:
        await EmbeddedBenchmark.RunAsync(copies: 4, rounds: 3);
        return 0;
    case ["audit", ..]:
        await AuditBenchmark.RunAsync(copies: 13, rounds: 3);
        return 0;
    case ["batch", .. string[] options]:
        await BatchBenchmark.RunAsync(options);
        return 0;
    case ["counts", .. string[] options]:
        await CountsBenchmark.RunAsync(options);
        return 0;
    case ["postgres", ..]:
        await PostgresBenchmark.RunAsync(seconds: 15);
        return 0;
    case ["publish", .. string[] options]:
        await PublishBenchmark.RunAsync(options);
        return 0;
    case ["recovery", .. string[] options]:
        await RecoveryBenchmark.RunAsync(options);
        return 0;
    case ["fresh", .. string[] options]:
        await FreshBenchmark.RunAsync(options);
        return 0;
    case ["soak", .. string[] options]:
        return await SoakBenchmark.RunAsync(options);
    case [ServeCommand.Name, string form, .. string[] arguments]:
        return await ServeCommand.RunAsync(form, arguments);
    case ["columns", ..]:
        ColumnsBenchmark.Run(rounds: 9);
        return 0;
    case ["udf", ..]:
        UdfBenchmark.Run(rounds: 15);
        return 0;
    case ["readers", ..]:
        await ReadersBenchmark.RunAsync(rounds: 3);
        return 0;
    case ["kafka-read", .. string[] options]:
        await KafkaReadBenchmark.RunAsync(KafkaBenchmarkOptions.Read(options));
        return 0;
    case ["kafka", .. string[] options]:
        await KafkaBenchmark.RunAsync(KafkaBenchmarkOptions.Read(options));
        return 0;
    case ["capture", ..]:
        await CaptureBenchmark.RunAsync(rounds: 9, sustainedSeconds: 5);
        return 0;
    case ["workloads", .. string[] options]:
        return await WorkloadBenchmark.RunAsync(options);
    default:
        Console.Error.WriteLine(
            "Usage: dotnet run -c Release --project bench/Bench -- "
            + "kernel|json|embedded|batch|counts|audit|readers|columns|udf|capture|postgres|publish|recovery|fresh|soak|workloads|kafka-read|kafka");
        return 2;
}
