using Lambda.Aggregation.Encoding;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Which part of which run something was computed of, and by what: stands at the beginning of every file of a part.</summary>
/// <param name="Run">The run.</param>
/// <param name="Part">The part, counted from 0.</param>
/// <param name="Computation">The fingerprint of the computation (see <see cref="ComputationFingerprint"/>).</param>
/// <param name="HistoryVersion">The version of the history.</param>
internal sealed record PartIdentity(Guid Run, int Part, string Computation, long HistoryVersion)
{
    public void Write(ByteWriter writer)
    {
        Run.TryWriteBytes(writer.Take(16));
        writer.WriteUnsigned((ulong)Part);
        writer.WriteText(Computation);
        writer.WriteSigned(HistoryVersion);
    }

    /// <summary>Reads the beginning of a file, which has to be of this part.</summary>
    /// <exception cref="PartFormatException">It is of another one, or of another program or history.</exception>
    public void Require(ref ByteReader reader, string name)
    {
        PartIdentity found = new(new Guid(reader.Take(16)), (int)reader.ReadUnsigned(), reader.ReadText(), reader.ReadSigned());
        if (found != this)
        {
            throw new PartFormatException(
                $"'{name}' is of {found}, where {this} was expected. Run the same program over the same history in all batch processes.");
        }
    }

    public override string ToString() => $"part {Part} of run {Run:N}, computation {Computation}, version {HistoryVersion} of the history";
}
