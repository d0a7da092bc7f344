using System.IO.Pipelines;

namespace Lambda.Hosting.Composition;

/// <summary>One end of two pipes that run in opposite directions.</summary>
internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input { get; } = input;

    public PipeWriter Output { get; } = output;

    /// <summary>Two ends that are connected.</summary>
    public static Pair CreatePair()
    {
        PipeOptions options = new(useSynchronizationContext: false);
        Pipe toServer = new(options);
        Pipe toClient = new(options);
        return new Pair(new DuplexPipe(toServer.Reader, toClient.Writer), new DuplexPipe(toClient.Reader, toServer.Writer));
    }

    internal readonly record struct Pair(DuplexPipe Server, DuplexPipe Client);
}
