using System.Runtime.CompilerServices;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.Tests.History;

/// <summary>What goes wrong at a storage.</summary>
public enum Trouble
{
    /// <summary>A read, a part of a read, or a listing fails; the next one does not.</summary>
    Error,

    /// <summary>A read gives the beginning of an object only, and says that this was all.</summary>
    Cut,

    /// <summary>From some listing on, those do not have the objects that were written last, which can be read by their names.</summary>
    StaleListing,

    /// <summary>The caller is asked to stop just before an operation, which notices.</summary>
    CancelledBefore,

    /// <summary>The caller is asked to stop while an operation takes effect.</summary>
    CancelledAfter,
}

/// <summary>A storage that is in order until trouble is ordered. It is no file system, and its streams give as few bytes at a time as a network may.</summary>
/// <param name="inner">The real one.</param>
/// <param name="random">How few bytes, where cuts are, how much a listing lacks.</param>
internal sealed class TroubledStorage(IObjectStorage inner, Random random) : IObjectStorage
{
    private const int MostHidden = 6;

    private readonly Lock _lock = new();
    private readonly List<string> _written = [];
    private HashSet<string> _hidden = [];
    private Trouble? _trouble;
    private CancellationTokenSource? _stop;
    private int _left;

    /// <summary>Whether the trouble has come.</summary>
    public bool HasCome { get; private set; }

    /// <summary>Whether what was read last is given in part.</summary>
    public bool IsCut => HasCome && _trouble == Trouble.Cut;

    /// <summary>Orders trouble.</summary>
    /// <param name="trouble">Which; null for none.</param>
    /// <param name="at">At which of the operations that it can meet, from 1 on.</param>
    /// <param name="stop">What it cancels, if it does.</param>
    public void Order(Trouble? trouble, int at, CancellationTokenSource stop)
    {
        lock (_lock)
        {
            (_trouble, _left, _stop, HasCome) = (trouble, at, stop, false);
            _hidden = [];
        }
    }

    public string Describe(string name) => inner.Describe(name);

    public string? FindFile(string name) => null;

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        bool isCut = Read(name, cancellationToken);
        byte[]? content = await inner.ReadAsync(name, CancellationToken.None);
        Done();
        return isCut && content is { Length: > 0 } ? content[..Next(content.Length)] : content;
    }

    public async Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        bool isCut = Read(name, cancellationToken);
        Stream? stream = await inner.OpenReadAsync(name, CancellationToken.None);
        Done();
        return stream is null ? null : new TroubledStream(this, name, stream, isCut ? Next((int)stream.Length) : stream.Length);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Begin([Trouble.Error, Trouble.StaleListing], prefix, cancellationToken);
        await foreach (StoredObject found in inner.ListAsync(prefix, CancellationToken.None))
        {
            if (!_hidden.Contains(found.Name))
            {
                yield return found;
            }
        }

        Done();
    }

    public async Task<bool> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Begin([], name, cancellationToken);
        bool won = await inner.PutIfAbsentAsync(name, content, CancellationToken.None);
        Written(name);
        return won;
    }

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Begin([], name, cancellationToken);
        await inner.PutAsync(name, content, CancellationToken.None);
        Written(name);
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Begin([], name, cancellationToken);
        await inner.ReplaceAsync(name, content, CancellationToken.None);
        Done();
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Begin([], name, cancellationToken);
        await inner.DeleteAsync(name, CancellationToken.None);
        Done();
    }

    public async Task<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        Begin([], prefix, cancellationToken);
        int removed = await inner.RemoveUnfinishedAsync(prefix, before, CancellationToken.None);
        Done();
        return removed;
    }

    private int Next(int below)
    {
        lock (_lock)
        {
            return random.Next(below);
        }
    }

    /// <returns>Whether the read is to be cut.</returns>
    private bool Read(string name, CancellationToken cancellationToken) =>
        Begin([Trouble.Error, Trouble.Cut], name, cancellationToken) && _trouble == Trouble.Cut;

    /// <summary>An operation begins, which meets cancellations whatever it is.</summary>
    /// <returns>Whether it is the one that meets the trouble.</returns>
    private bool Begin(ReadOnlySpan<Trouble> meets, string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_trouble is not null and not Trouble.CancelledAfter && (_trouble == Trouble.CancelledBefore || meets.Contains(_trouble.Value)))
            {
                if (--_left == 0)
                {
                    HasCome = true;
                    Come(name);
                    cancellationToken.ThrowIfCancellationRequested();
                    return true;
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    private void Come(string name)
    {
        switch (_trouble)
        {
            case Trouble.Error:
                throw new IOException($"The connection is gone in the middle of '{name}'.");
            case Trouble.CancelledBefore:
                _stop!.Cancel();
                break;
            case Trouble.StaleListing:
                _hidden = [.. _written.TakeLast(random.Next(1, MostHidden + 1))];
                break;
        }
    }

    private void Written(string name)
    {
        lock (_lock)
        {
            _written.Add(name);
        }

        Done();
    }

    /// <summary>An operation has taken effect.</summary>
    private void Done()
    {
        lock (_lock)
        {
            if (_trouble == Trouble.CancelledAfter)
            {
                if (--_left == 0)
                {
                    HasCome = true;
                    _stop!.Cancel();
                }
            }
        }
    }

    /// <summary>Reads few bytes at a time, and meets errors.</summary>
    private sealed class TroubledStream(TroubledStorage storage, string name, Stream inner, long length) : Stream
    {
        private const int MostAtOnce = 3000;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            storage.Begin([Trouble.Error], name, CancellationToken.None);
            long left = Math.Max(0, length - inner.Position);
            return left == 0 || buffer.IsEmpty ? 0 : inner.Read(buffer[..(int)Math.Min(Math.Min(buffer.Length, left), 1 + storage.Next(MostAtOnce))]);
        }

        public override long Seek(long offset, SeekOrigin origin) => origin == SeekOrigin.End
            ? inner.Seek(length + offset, SeekOrigin.Begin)
            : inner.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
