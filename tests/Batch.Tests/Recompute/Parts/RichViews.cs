using Lambda.Aggregation;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>Views of every form of windows, one of which has every aggregate function.</summary>
internal static class RichViews
{
    /// <param name="more">Adds other views.</param>
    public static Catalog Catalog(Action<StreamBuilder<Order>>? more = null) => Orders.Catalog(stream =>
    {
        Orders.Moving(stream);
        stream.View("everything")
            .GroupBy(o => new { o.Shop, IsDear = o.Amount > 50, Hour = o.At.Hour })
            .Window(Tumbling.Every(TimeSpan.FromHours(6), TimeSpan.FromHours(2)))
            .Aggregate(a => new
            {
                Orders = a.Count(),
                Priced = a.Count(o => o.Price),
                Large = a.CountIf(o => o.Amount > 60),
                Amount = a.Sum(o => o.Amount),
                Weight = a.Sum(o => o.Weight),
                Price = a.Sum(o => o.Price),
                MeanAmount = a.Average(o => o.Amount),
                MeanWeight = a.Average(o => o.Weight),
                MeanPrice = a.Average(o => o.Price),
                Least = a.Min(o => o.Price),
                Greatest = a.Max(o => o.Id),
                Earliest = a.Min(o => o.At),
                Spread = a.Variance(o => o.Weight),
                SpreadOfAll = a.PopulationVariance(o => o.Amount),
                Deviation = a.StdDev(o => o.Price),
                DeviationOfAll = a.PopulationStdDev(o => o.Weight),
                First = a.First(o => o.Id),
                Last = a.Last(o => o.Price),
                Cheapest = a.MinBy(o => o.Id, o => o.Price),
                Heaviest = a.MaxBy(o => o.Shop, o => o.Weight),
                Ids = a.CountDistinct(o => o.Id),
                AboutIds = a.ApproxCountDistinct(o => o.Id),
                P90 = a.Quantile(o => o.Weight, 0.9),
                Middle = a.Median(o => o.Amount),
                Buckets = a.Histogram(o => o.Amount, 20, 50, 80),
                Frequent = a.TopK(o => o.Id, 3),
                FrequentOfFew = a.TopK(o => o.Amount, 2, 5),
                Some = a.CollectSet(o => o.Id, 4),
                Own = a.Custom(new LongestText(), o => o.Id),
            });
        stream.View("rushes").GroupBy(o => o.Shop).Window(Session.WithGap(TimeSpan.FromMinutes(40)))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Sum(o => o.Weight), Ids = a.CollectSet(o => o.Id, 2) });
        stream.View("activity").Window(Session.WithGap(TimeSpan.FromMinutes(12))).Aggregate(a => new { Orders = a.Count() });
        stream.View("rounds").Where(o => o.Amount != 30).GroupBy(o => o.Shop).Window(Count.Of(4, timeout: TimeSpan.FromHours(3)))
            .Aggregate(a => new { Orders = a.Count(), Last = a.Last(o => o.Id) });
        stream.View("business_days").Window(Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"), new TimeOnly(4, 0)))
            .Aggregate(a => new { Orders = a.Count(), P50 = a.Median(o => o.Weight) });
        stream.View("ever").GroupBy(o => o.Amount).Window(AllTime.Window).Aggregate(a => new { Orders = a.Count(), Ids = a.ApproxCountDistinct(o => o.Id) });
        more?.Invoke(stream);
    });
}

/// <summary>A function of a user's with state columns of types that no built-in one has.</summary>
internal readonly struct LongestText : IAggregator<string, LongestText.State, string?>
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("text", ColumnType.String, IsNullable: true), new StateColumn("length", ColumnType.Int32), new StateColumn("any", ColumnType.Boolean)];

    public string Signature => "longest-text";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, string value)
    {
        if (accumulator.Text is not { } known || value.Length > known.Length
            || (value.Length == known.Length && string.CompareOrdinal(value, known) < 0))
        {
            accumulator.Text = value;
        }
    }

    public void Merge(ref State accumulator, in State other)
    {
        if (other.Text is { } text)
        {
            Add(ref accumulator, text);
        }
    }

    public string? GetResult(in State accumulator) => accumulator.Text;

    public void Write(in State accumulator, StateWriter writer)
    {
        if (accumulator.Text is { } text)
        {
            writer.WriteString(text);
        }
        else
        {
            writer.WriteNull();
        }

        writer.WriteInt32(accumulator.Text?.Length ?? 0);
        writer.WriteBoolean(accumulator.Text is not null);
    }

    public State Read(StateReader reader)
    {
        State state = default;
        if (reader.IsNull)
        {
            reader.Skip();
        }
        else
        {
            state.Text = reader.ReadString();
        }

        _ = reader.ReadInt32();
        _ = reader.ReadBoolean();
        return state;
    }

    public struct State
    {
        public string? Text;
    }
}
