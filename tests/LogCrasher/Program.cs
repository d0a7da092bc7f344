using System.Globalization;
using System.Text;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.LogCrasher;

if (args is ["kafka-group", var bootstrap, var prefix, var group, var protocol, var stream, var seconds, var instance, var store])
{
    TimeSpan sessionTimeout = TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
    await KafkaGroupProgram.RunAsync(bootstrap, prefix, group, protocol, stream, sessionTimeout, instance, store);
    return;
}

// Appends numbered records until it is killed. A line "a WRITER NUMBER" on stdout says that this record, and with it every earlier one of that
// writer, has been acknowledged. "kafka-group" takes part in a group instead. Arguments: folder, seed, number of writers, the first number of each writer.
string folder = args[0];
int seed = int.Parse(args[1], CultureInfo.InvariantCulture);
long[] first = [.. args[2].Split(',').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
Stream output = Console.OpenStandardOutput();

await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = folder }, TimeProvider.System);
await log.EnsureStreamAsync("crash", 3, CancellationToken.None);
Say("ready");
await Task.WhenAll(first.Select((number, writer) => Task.Run(() => AppendForeverAsync(writer, number))));

async Task AppendForeverAsync(int writer, long number)
{
    var random = new Random(HashCode.Combine(seed, writer));
    byte[] key = Encoding.ASCII.GetBytes($"writer-{writer}");
    using var batch = new RecordBatch();
    while (true)
    {
        batch.Clear();
        for (int i = random.Next(1, 50); i > 0; i--)
        {
            string padding = new('x', random.Next(0, 300));
            batch.Add(key, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer} {number++} {padding}")));
        }

        await log.AppendAsync("crash", batch, CancellationToken.None);
        Say(string.Create(CultureInfo.InvariantCulture, $"a {writer} {number - 1}"));
    }
}

void Say(string line)
{
    lock (output)
    {
        output.Write(Encoding.ASCII.GetBytes(line + "\n"));
        output.Flush();
    }
}
