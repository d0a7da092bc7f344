using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RocksDbSharp;

namespace Lambda.Log.Embedded;

/// <summary>
/// The one thread that writes. Appends that arrive while a sync is under way share the next one, so the number of syncs follows the disk
/// and not the number of callers.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly LogFolder _folder;
    private readonly StreamCatalog _catalog;
    private readonly GroupCommit _group;
    private readonly long _maxGroupBytes;
    private readonly Channel<LogCommand> _commands;

    // Never disposed: a caller may still set it while the log closes, and it holds no handle as long as nobody asks for one.
    private readonly ManualResetEventSlim _arrived = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _closing;

    public LogWriter(LogFolder folder, StreamCatalog catalog, EmbeddedLogOptions options, TimeProvider time)
    {
        _folder = folder;
        _catalog = catalog;
        _group = new GroupCommit(folder, time);
        _maxGroupBytes = options.MaxGroupBytes;
        _commands = Channel.CreateBounded<LogCommand>(new BoundedChannelOptions(options.MaxPendingAppends) { SingleReader = true });

        // A thread of its own, because it spends its life waiting for the disk.
        new Thread(Run) { Name = "Lambda log writer", IsBackground = true }.Start();
    }

    /// <summary>Hands the request to the writer; completes when its records are durable.</summary>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public ValueTask AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        if (!_commands.Writer.TryWrite(request))
        {
            return AppendWhenThereIsRoomAsync(request, cancellationToken);
        }

        request.CancelWith(cancellationToken);
        _arrived.Set();
        return request.Task;
    }

    /// <summary>Has the writer do the command.</summary>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public async ValueTask<T> DoAsync<T>(LogCommand<T> command, CancellationToken cancellationToken)
    {
        await EnqueueAsync(command, cancellationToken).ConfigureAwait(false);
        return await command.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more, finishes what was handed over and ends the thread.</summary>
    public async ValueTask StopAsync()
    {
        _commands.Writer.TryComplete();
        _closing = true;
        _arrived.Set();
        await _stopped.Task.ConfigureAwait(false);
    }

    public void Dispose() => _group.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AppendWhenThereIsRoomAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        ValueTask appended = request.Task;
        await EnqueueAsync(request, cancellationToken).ConfigureAwait(false);
        request.CancelWith(cancellationToken);
        await appended.ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask EnqueueAsync(LogCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await _commands.Writer.WriteAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(EmbeddedLog));
        }

        _arrived.Set();
    }

    private void Run()
    {
        do
        {
            _arrived.Reset();
            while (_commands.Reader.TryRead(out LogCommand? command))
            {
                Take(command);
            }

            // Nothing more has arrived meanwhile: the group goes to the disk as it is.
            _group.Complete();
        }
        while (WaitForMore());
        _stopped.SetResult();
    }

    private bool WaitForMore()
    {
        // Closing is looked at before the queue, which takes nothing any more once closing is set.
        bool closing = _closing;
        if (closing)
        {
            return _commands.Reader.TryPeek(out _);
        }

        _arrived.Wait();
        return true;
    }

    private void Take(LogCommand command)
    {
        switch (command)
        {
            case AppendRequest append when append.TryTake():
                _group.Add(append);
                if (_group.Bytes >= _maxGroupBytes)
                {
                    _group.Complete();
                }

                break;
            case AppendRequest cancelled:
                cancelled.Release();
                break;
            case EnsureStreamCommand ensure:
                _group.Complete();
                Do(ensure, EnsureStream);
                break;
            case TrimCommand trim:
                _group.Complete();
                Do(trim, Trim);
                break;
        }
    }

    private void Do<TCommand, TResult>(TCommand command, Func<TCommand, TResult> action)
        where TCommand : LogCommand<TResult>
    {
        try
        {
            command.Completion.SetResult(action(command));
        }
        catch (EventLogException e)
        {
            command.Completion.SetException(e);
        }
        catch (Exception e) when (e is RocksDbException or IOException)
        {
            command.Completion.SetException(new EventLogException(
                $"The log folder '{_folder.Path}' cannot be written: {e.Message} If the disk is full, make a few hundred megabytes of room and "
                + "try again. Otherwise put right what the message says and restart the process.",
                e));
        }
    }

    private int EnsureStream(EnsureStreamCommand command)
    {
        if (!_catalog.TryFind(command.Name, out StreamState? stream))
        {
            using var batch = new WriteBatch();
            stream = _catalog.Define(command.Name, command.Partitions, batch);
            Write(batch);
            _catalog.Add(stream);
        }

        return stream.Partitions.Length;
    }

    private bool Trim(TrimCommand command)
    {
        PartitionState partition = command.Partition;
        long before = Math.Min(command.Before, partition.End);
        if (before <= partition.Low)
        {
            return false;
        }

        long low = partition.Low;
        partition.BeginTrim(before);
        try
        {
            low = new PartitionTrim(_folder, partition).Apply(before, Write);
        }
        finally
        {
            partition.EndTrim(low);
        }

        return true;
    }

    private void Write(WriteBatch batch)
    {
        _folder.Store.Write(batch);
        _folder.Mark.Advance(_folder.Store.LatestSequence);
    }
}
