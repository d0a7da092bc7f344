using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Xunit;

namespace Lambda.Tests.Store.Contract;

public abstract partial class ViewStoreContract
{
    // The rows that a decimal in whichever of its forms, and texts that differ only in case, are in.
    private const int PriceRow = 2;
    private const int TextRow = 8;

    /// <summary>Both layers' rows of a key lie in one piece, however the key was written, and no row in two or none.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public async Task Pieces_of_keys_of_every_type_divide_both_layers_alike(int count)
    {
        PartialLayout view = Sample.View() with { Keys = [.. AllTypes.Select(type => new PartialColumn(type.ToString(), type, true))] };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch speed = KeysOfEveryType(view, 1.5m);
        PartialBatch kept = KeysOfEveryType(view, 1.5000m);
        await SealAsync(claim, 10, speed);
        BatchLease lease = await LeaseAsync();
        long generation = await PublishAsync(lease, new Boundary([10]), kept);
        await AssertDividedAsync(view, generation, count, speed.Count);
        await ReopenAsync();
        await AssertDividedAsync(view, generation, count, speed.Count);
    }

    /// <summary>Rows of a column that compresses well are hashed as others are.</summary>
    [Fact]
    public async Task Pieces_divide_texts_that_are_alike()
    {
        const int Keys = 600;
        PartialLayout view = Sample.View();
        PartitionClaim claim = await StartAsync(view);
        PartialBatch speed = new(view);
        PartialBatch kept = new(view);
        for (int i = 0; i < 20_000; i++)
        {
            Sample.Add(speed, KeyOf(i % Keys), i / Keys, 0, 1);
        }

        for (int i = 0; i < Keys; i++)
        {
            Sample.Add(kept, KeyOf(Keys - 1 - i), 1, 0, 1);
        }

        await SealAsync(claim, 10, speed);
        BatchLease lease = await LeaseAsync();
        long generation = await PublishAsync(lease, new Boundary([10]), kept);
        await ReopenAsync();

        IReadOnlyList<(PartialBatch Speed, PartialBatch Kept)> pieces = await PiecesAsync(view, generation, 8);

        Assert.Equal(Sample.Rows(speed), pieces.SelectMany(piece => Sample.Rows(piece.Speed)).Order(StringComparer.Ordinal));
        Assert.Equal(Sample.Rows(kept), pieces.SelectMany(piece => Sample.Rows(piece.Kept)).Order(StringComparer.Ordinal));
        Assert.All(pieces, piece => Assert.Equal(KeyTexts(piece.Speed), KeyTexts(piece.Kept)));
        Assert.All(pieces, piece => Assert.InRange(piece.Kept.Count, Keys / 16, Keys / 4));

        static string? KeyOf(int number) => number == 0 ? null : number % 2 == 0 ? $"Key {number}" : $"kEY {number - 1}";
    }

    [Fact]
    public async Task All_partials_without_a_key_are_in_one_piece()
    {
        PartialLayout view = Sample.View() with { Keys = [] };
        PartitionClaim claim = await StartAsync(view);
        PartialBatch rows = new(view);
        AddAddress(rows);
        ((ColumnBuffer<long>)rows.States[0]).Add(10);
        await SealAsync(claim, 10, rows);
        BatchLease lease = await LeaseAsync();
        long generation = await PublishAsync(lease, new Boundary([10]), rows);

        IReadOnlyList<(PartialBatch Speed, PartialBatch Kept)> pieces = await PiecesAsync(view, generation, 3);

        Assert.Single(pieces, piece => piece.Speed.Count > 0);
        Assert.Equal((1, 1), pieces.Where(piece => piece.Speed.Count > 0).Select(piece => (piece.Speed.Count, piece.Kept.Count)).Single());
    }

    [Fact]
    public void There_is_no_piece_beyond_the_last()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyPiece(3, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyPiece(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyPiece(0, 0));
    }

    private async Task AssertDividedAsync(PartialLayout view, long generation, int count, int rows)
    {
        IReadOnlyList<(PartialBatch Speed, PartialBatch Kept)> pieces = await PiecesAsync(view, generation, count);
        Assert.Equal((rows, rows), (pieces.Sum(piece => piece.Speed.Count), pieces.Sum(piece => piece.Kept.Count)));
        Assert.All(pieces, piece => Assert.Equal(Numbers(piece.Speed), Numbers(piece.Kept)));
        Assert.Equal(Enumerable.Range(0, rows).Select(number => (long)number), pieces.SelectMany(piece => Numbers(piece.Speed)).Order());
        Assert.InRange(pieces.Count(piece => piece.Speed.Count > 0), 2, rows);

        static IEnumerable<long> Numbers(PartialBatch batch) => ((ColumnBuffer<long>)batch.States[0]).Values.ToArray().Order();
    }

    private async Task<IReadOnlyList<(PartialBatch Speed, PartialBatch Kept)>> PiecesAsync(PartialLayout view, long generation, int count)
    {
        List<(PartialBatch Speed, PartialBatch Kept)> pieces = [];
        foreach (KeyPiece keys in KeyPiece.Of(count))
        {
            pieces.Add((
                await AllOfAsync(view, Store.ReadSpeedAsync(view, new Boundary([0]), new Boundary([10]), WindowRange.All, keys, Token)),
                await AllOfAsync(view, Store.ReadGenerationAsync(view, generation, PartialKind.Kept, WindowRange.All, keys, Token))));
        }

        return pieces;
    }

    private static async Task<PartialBatch> AllOfAsync(PartialLayout view, IAsyncEnumerable<PartialBatch> batches)
    {
        PartialBatch all = new(view);
        await foreach (PartialBatch batch in batches)
        {
            all.With(batch);
        }

        return all;
    }

    private static IEnumerable<string> KeyTexts(PartialBatch batch) =>
        Enumerable.Range(0, batch.Count).Select(row => $"{batch.Keys[0].GetValue(row) ?? "null"}").Distinct().Order(StringComparer.Ordinal);

    /// <summary>For each type, a key of each interesting value and nulls beside it; the state numbers the keys.</summary>
    /// <param name="view">The view.</param>
    /// <param name="price">A value of a decimal key, in whichever of its forms.</param>
    private static PartialBatch KeysOfEveryType(PartialLayout view, decimal price)
    {
        PartialBatch batch = new(view);
        for (int part = -1; part < view.Keys.Count; part++)
        {
            for (int value = 0; value < (part < 0 ? 1 : CountOf(batch.Keys[part])); value++)
            {
                Add(part, value);
            }
        }

        return batch;

        void Add(int part, int value)
        {
            ((ColumnBuffer<long>)batch.States[0]).Add(batch.Count);
            for (int column = 0; column < batch.Keys.Count; column++)
            {
                switch (batch.Keys[column])
                {
                    case ColumnBuffer key when column != part: key.AddNull(); break;
                    case ColumnBuffer<decimal> prices when value == PriceRow: prices.Add(price); break;
                    case ColumnBuffer<string> texts when value >= TextRow: texts.Add(value == TextRow ? "straße" : "STRAßE"); break;
                    case ColumnBuffer key: AddValue(key, value); break;
                }
            }

            AddAddress(batch);
        }

        // As many as the lists of values have that are not equal.
        static int CountOf(ColumnBuffer column) => column switch
        {
            ColumnBuffer<bool> => 2,
            ColumnBuffer<int> or ColumnBuffer<long> or ColumnBuffer<byte[]> => 4,
            ColumnBuffer<Int128> => 5,
            ColumnBuffer<double> => 10,
            ColumnBuffer<decimal> => 3,
            _ => TextRow + 2,
        };
    }
}
