using System.Diagnostics;
using System.Globalization;
using Lambda.Log.Kafka;

namespace Lambda.Tests.Log.Kafka;

/// <summary>A member of a group in a process of its own, which says what it is given and what is taken from it.</summary>
internal sealed class MemberProcess : IAsyncDisposable
{
    private readonly Process _process;
    private int _lost;

    private MemberProcess(Process process) => _process = process;

    /// <summary>How many partitions it has by its own account.</summary>
    private int Owned { get; set; }

    /// <summary>How many it gave back because it was asked to.</summary>
    public int GivenBack { get; private set; }

    /// <param name="options">Which group, by which broker.</param>
    /// <param name="stream">The stream whose partitions it takes part in.</param>
    /// <param name="store">The connection string of the store whose seats it takes; null for a member without.</param>
    public static MemberProcess Start(KafkaOptions options, string stream, string? store = null)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Lambda.LogCrasher.dll");
        return new MemberProcess(Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                program, "kafka-group", options.BootstrapServers, options.TopicPrefix, options.GroupId, $"{options.GroupProtocol}", stream,
                $"{(int)options.SessionTimeout.TotalSeconds}", options.ConsumerSettings.GetValueOrDefault("group.instance.id", ""), store ?? "",
            ])
        {
            RedirectStandardOutput = true,
        })!);
    }

    public Task OwnsAsync(int partitions, CancellationToken cancellationToken) => UntilAsync(() => Owned == partitions, cancellationToken);

    public Task LosesAsync(int partitions, CancellationToken cancellationToken) => UntilAsync(() => _lost == partitions, cancellationToken);

    public void Kill() => _process.Kill();

    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using Process kill = Process.Start("kill", [signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task UntilAsync(Func<bool> reached, CancellationToken cancellationToken)
    {
        while (!reached())
        {
            string line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException("The member has ended by itself.");
            int count = int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
            Owned += line[0] == '+' ? count : -count;
            GivenBack += line[0] == '-' ? count : 0;
            _lost += line[0] == '!' ? count : 0;
        }
    }
}
