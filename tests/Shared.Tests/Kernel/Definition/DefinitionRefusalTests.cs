using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Tests.Kernel.Streams;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

/// <summary>Wrong declarations fail with a message that names the place (first) and says what to do (second).</summary>
public sealed class DefinitionRefusalTests
{
    private static readonly Dictionary<string, (string Place, string Remedy, Action Declare)> Wrong = new()
    {
        ["no stream"] = ("application", "Declare one", () => Catalog.Build([])),
        ["streams named alike"] = ("'A'", "name of its own", () => Catalog.Build([Good("A"), Good("a")])),
        ["views named alike"] = ("'V'", "name of its own", () => Build(s => { Plain(s.View("V")); Plain(s.View("v")); })),
        ["empty stream name"] = ("''", "Begin with a letter", () => Good("")),
        ["stream name with a slash"] = ("'a/b'", "Begin with a letter", () => Good("a/b")),
        ["long stream name"] = ("stream", "at most 100", () => Good(new string('a', 101))),
        ["view name with a blank"] = ("'a b'", "Begin with a letter", () => Good("s").View("a b")),
        ["view name beginning with a digit"] = ("'1a'", "Begin with a letter", () => Good("s").View("1a")),
        ["no event time"] = ("'s'", "EventTime(", () => Catalog.Build([new StreamBuilder<Reading>("s")])),
        ["event time that may be null"] = ("'s'", "not nullable", () => Good("s").EventTime(e => (DateTime)e.Seen!)),
        ["event time computed"] = ("'s'", "Name a member", () => Good("s").EventTime(e => e.Time.AddHours(1))),
        ["event id of another type"] = ("'s'", "string, int or long", () => Good("s").EventId(e => e.Ratio)),
        ["event id computed"] = ("'s'", "Name a member", () => Good("s").EventId(e => e.Id + "x")),
        ["partition key computed"] = ("'s'", "Name a member", () => Good("s").PartitionBy(e => e.Count + 1)),
        ["no partitions"] = ("'s'", "1 to 4096", () => Good("s").Partitions(0)),
        ["too many partitions"] = ("'s'", "1 to 4096", () => Good("s").Partitions(4097)),
        ["negative bound"] = ("'s'", "zero or more", () => Good("s").OutOfOrderness(TimeSpan.FromTicks(-1))),
        ["idle at once"] = ("'s'", "more than zero", () => Good("s").IdleAfter(TimeSpan.Zero)),
        ["negative skew"] = ("'s'", "zero or more", () => Good("s").MaxFutureSkew(TimeSpan.FromTicks(-1))),
        ["checks named alike"] = ("'s'", "name of its own", () => Good("s").Check("c", e => e.Flag).Check("c", e => e.Flag)),
        ["check without a name"] = ("'s'", "Name what it asks for", () => Good("s").Check(" ", e => e.Flag)),
        ["check by the clock"] = ("check 'c'", "same event", () => Good("s").Check("c", e => e.Time < DateTimeOffset.UtcNow)),
        ["row counts upside down"] = ("'s'", "atLeast <= atMost", () => Good("s").Expect(e => e.RowCount(2, 1))),
        ["share above one"] = ("'s'", "between 0 and 1", () => Good("s").Expect(e => e.Completeness(f => f.Site, 1.01))),
        ["share that is no number"] = ("'s'", "between 0 and 1", () => Good("s").Expect(e => e.Completeness(f => f.Site, double.NaN))),
        ["range upside down"] = ("'s'", "lower bound first", () => Good("s").Expect(e => e.Range(f => f.Count, 2, 1))),
        ["range that is no number"] = ("'s'", "lower bound first", () => Good("s").Expect(e => e.Range(f => f.Ratio, double.NaN, 1))),
        ["uniqueness of nothing"] = ("'s'", "Name a member", () => Good("s").Expect(e => e.Uniqueness(f => new { A = f.Count + 1, f.Site }))),
        ["no allowed values"] = ("'s'", "Name at least one", () => Good("s").Expect(e => e.AllowedValues(f => f.Site))),
        ["null among allowed values"] = ("'s'", "use Completeness", () => Good("s").Expect(e => e.AllowedValues(f => f.Site, "a", null!))),
        ["empty pattern"] = ("'s'", "regular expression", () => Good("s").Expect(e => e.Pattern(f => f.Site, ""))),
        ["freshness of nothing"] = ("'s'", "more than zero", () => Good("s").Expect(e => e.Freshness(TimeSpan.Zero))),
        ["freshness before the event time"] = ("'s'", ".EventTime(", () => new StreamBuilder<Reading>("s").Expect(e => e.Freshness(TimeSpan.FromHours(1)))),
        ["reference to a text file"] = ("'s'", ".parquet or .csv", () => Good("s").Expect(e => e.ReferencesFile(f => f.Site, "sites.txt", "site"))),
        ["reference to no column"] = ("'s'", "names no column", () => Good("s").Expect(e => e.ReferencesFile(f => f.Site, "sites.csv", ""))),
        ["query without a name"] = ("'s'", "Name what it asks for", () => Good("s").Expect(e => e.Sql("", "SELECT * FROM events"))),
        ["query of nothing"] = ("'s'", "no query", () => Good("s").Expect(e => e.Sql("q", " "))),
        ["drift of any size"] = ("'s'", "more than zero", () => Good("s").Expect(e => e.Drift(f => f.Count, atMost: 0))),
        ["drift in one bin"] = ("'s'", "2 to 100", () => Good("s").Expect(e => e.Drift(f => f.Count, bins: 1))),
        ["mean of a text"] = ("'s'", "Name a number", () => Good("s").Expect(e => e.Anomaly(m => m.Mean(f => f.Site)))),
        ["anomaly of no width"] = ("'s'", "more than zero", () => Good("s").Expect(e => e.Anomaly(m => m.Events(), deviations: double.NaN))),
        ["anomaly by one point"] = ("'s'", "2 or more", () => Good("s").Expect(e => e.Anomaly(m => m.Events(), minimumPoints: 1))),
        ["uniqueness of something computed"] = ("'s'", "Name a member", () => Good("s").Expect(e => e.Uniqueness(f => f.Count * 2))),
        ["no window"] = ("'by_site'", ".Window(", () => Define(v => v.Aggregate(a => new { N = a.Count() }))),
        ["no aggregate"] = ("'by_site'", ".Aggregate(", () => Define(v => v.Window(Hours))),
        ["aggregate without a name"] = ("'by_site'", "new { ", () => View(v => v.Aggregate(a => a.Count()))),
        ["aggregate computed further"] = ("'n'", "where you query", () => View(v => v.Aggregate(a => new { N = a.Count() + 1 }))),
        ["selector made elsewhere"] = ("Sum", "e => e.Member", () => View(v => v.Aggregate(a => new { N = a.Sum(Elsewhere) }))),
        ["aggregator that is null"] = ("'n'", "IAggregator", () => View(v => v.Aggregate(a => new { N = a.Custom((LastByOrdinal)null!, e => e.Unit) }))),
        ["aggregator that cannot be made"] = ("'n'", "IAggregator", () => View(v => v.Aggregate(a => new { N = a.Custom(Unmakeable(), e => e.Unit) }))),
        ["aggregator that keeps nothing"] = ("'n'", "StateColumns", () => View(v => v.Aggregate(a => new { N = a.Custom(new Forgetful("sum"), e => e.Count) }))),
        ["aggregator without a signature"] = (
            "'n'", "names the function", () => View(v => v.Aggregate(a => new { N = a.Custom(new Forgetful("", new StateColumn("", ColumnType.Int64)), e => e.Count) }))),
        ["negative lateness"] = ("'by_site'", "zero or more", () => View(v => v.AllowedLateness(TimeSpan.FromTicks(-1)))),
        ["key by chance"] = ("'by_site'", "same event", () => View(v => v.GroupBy(e => Guid.NewGuid().ToString()))),
        ["key by the clock"] = ("'by_site'", "same event", () => View(v => v.GroupBy(e => e.Time < DateTimeOffset.Now))),
        ["filter by a hash of the process"] = ("'by_site'", "same event", () => View(v => v.Where(e => e.Unit.GetHashCode() > 0))),
        ["filter by a comparer's hash of the process"] = ("'by_site'", "same event", () => View(v => v.Where(e => StringComparer.Ordinal.GetHashCode(e.Unit) > 0))),
        ["selector by chance"] = ("'n'", "same event", () => View(v => v.Aggregate(a => new { N = a.Sum(e => e.Count * Random.Shared.Next()) }))),
        ["selector by the environment"] = ("'n'", "same event", () => View(v => v.Aggregate(a => new { N = a.Sum(e => Environment.ProcessorCount) }))),
        ["key that is a double"] = ("'ratio'", "Use strings", () => View(v => v.GroupBy(e => e.Ratio))),
        ["key that is a decimal"] = ("'price'", "Use strings", () => View(v => v.GroupBy(e => new { e.Site, e.Price }))),
        ["key that may be a double"] = ("'maybeRatio'", "is of type double?, which is not grouped by", () => View(v => v.GroupBy(e => e.MaybeRatio))),
        ["key that may be a decimal"] = ("'maybePrice'", "is of type decimal?, which is not grouped by", () => View(v => v.GroupBy(e => new { e.Site, e.MaybePrice }))),
        ["key that is a list"] = ("'key'", "is of type List<int?[]>, which cannot be grouped by", () => View(v => v.GroupBy(e => new List<int?[]>()))),
        ["key that is an object"] = ("'key'", "new { e.A, e.B }", () => View(v => v.GroupBy(e => e))),
        ["key of too many parts"] = ("'by_site'", "at most 63", () => View(v => v.GroupBy(e => new
        {
            P0 = e.Count,
            P1 = e.Count,
            P2 = e.Count,
            P3 = e.Count,
            P4 = e.Count,
            P5 = e.Count,
            P6 = e.Count,
            P7 = e.Count,
            P8 = e.Count,
            P9 = e.Count,
            P10 = e.Count,
            P11 = e.Count,
            P12 = e.Count,
            P13 = e.Count,
            P14 = e.Count,
            P15 = e.Count,
            P16 = e.Count,
            P17 = e.Count,
            P18 = e.Count,
            P19 = e.Count,
            P20 = e.Count,
            P21 = e.Count,
            P22 = e.Count,
            P23 = e.Count,
            P24 = e.Count,
            P25 = e.Count,
            P26 = e.Count,
            P27 = e.Count,
            P28 = e.Count,
            P29 = e.Count,
            P30 = e.Count,
            P31 = e.Count,
            P32 = e.Count,
            P33 = e.Count,
            P34 = e.Count,
            P35 = e.Count,
            P36 = e.Count,
            P37 = e.Count,
            P38 = e.Count,
            P39 = e.Count,
            P40 = e.Count,
            P41 = e.Count,
            P42 = e.Count,
            P43 = e.Count,
            P44 = e.Count,
            P45 = e.Count,
            P46 = e.Count,
            P47 = e.Count,
            P48 = e.Count,
            P49 = e.Count,
            P50 = e.Count,
            P51 = e.Count,
            P52 = e.Count,
            P53 = e.Count,
            P54 = e.Count,
            P55 = e.Count,
            P56 = e.Count,
            P57 = e.Count,
            P58 = e.Count,
            P59 = e.Count,
            P60 = e.Count,
            P61 = e.Count,
            P62 = e.Count,
            P63 = e.Count,
        }))),
        ["number as text by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.Count.ToString()))),
        ["date as text by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.Time.ToString("d")))),
        ["maybe number as text by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.MaybeCount!.Value.ToString()))),
        ["number in a string by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => $"{e.Unit} {e.Ratio}"))),
        ["number added to a string"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.Unit + e.Price))),
        ["numbers joined by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => string.Join(", ", Listed(e))))),
        ["numbers put together by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => string.Concat(Listed(e).Distinct())))),
        ["number parsed by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.Where(e => double.Parse(e.Unit) > 1))),
        ["number converted by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.Where(e => Convert.ToDouble(e.Unit) > 1))),
        ["lower case by culture"] = ("'by_site'", "ToLowerInvariant", () => View(v => v.GroupBy(e => e.Unit.ToLower()))),
        ["lower case of a character by culture"] = (
            "'by_site'", "ToLowerInvariant", () => View(v => v.GroupBy(e => char.ToLower(e.Unit[0]).ToString()))),
        ["comparison by culture in a variable"] = ("'by_site'", "Ordinal", () => AsUnit(StringComparison.CurrentCulture)),
        ["order by culture"] = ("'by_site'", "CompareOrdinal", () => View(v => v.Where(e => string.Compare(e.Unit, "m") < 0))),
        ["search by culture"] = ("'by_site'", "StringComparison.Ordinal", () => View(v => v.Where(e => e.Unit.StartsWith("mm")))),
        ["comparison by culture"] = (
            "'by_site'", "OrdinalIgnoreCase", () => View(v => v.Where(e => e.Unit.Equals("m", StringComparison.CurrentCultureIgnoreCase)))),
        ["the current culture"] = ("'by_site'", "invariant", () => View(v => v.GroupBy(e => e.Count.ToString(CultureInfo.CurrentCulture)))),
        ["date as short text by culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.Time.UtcDateTime.ToShortDateString()))),
        ["pattern that ignores case by culture"] = (
            "'by_site'", "CultureInvariant", () => View(v => v.Where(e => Regex.IsMatch(e.Unit, "^mi", RegexOptions.IgnoreCase)))),
        ["captured pattern that ignores case by culture"] = ("'by_site'", "CultureInvariant", () => Like(RegexOptions.IgnoreCase | RegexOptions.Singleline)),
        ["number as text by no culture"] = ("'by_site'", "InvariantCulture", () => View(v => v.GroupBy(e => e.Ratio.ToString((IFormatProvider?)null)))),
        ["number parsed by no culture"] = ("'by_site'", "InvariantCulture", () => ParsedBy(null)),
        ["numbers of the current culture"] = ("'by_site'", "invariant", () => View(v => v.GroupBy(e => e.Ratio.ToString(NumberFormatInfo.CurrentInfo)))),
        ["greatest text by culture"] = ("'by_site'", "StringComparer.Ordinal", () => View(v => v.GroupBy(e => new[] { e.Unit, e.Id }.Max()))),
        ["texts in order by culture"] = ("'by_site'", "StringComparer.Ordinal", () => View(v => v.GroupBy(e => new[] { e.Unit, e.Id }.Order().First()))),
        ["characters in order of texts by culture"] = (
            "'by_site'", "StringComparer.Ordinal", () => View(v => v.GroupBy(e => e.Unit.OrderBy(c => $"{c}").First().ToString()))),
        ["time zone of the machine"] = (
            "'by_site'", "FindSystemTimeZoneById", () => View(v => v.GroupBy(e => TimeZoneInfo.ConvertTime(e.Time, TimeZoneInfo.Local)))),
        ["local time"] = ("'by_site'", "Use UTC", () => View(v => v.GroupBy(e => e.Time.ToLocalTime()))),
        ["comparison with a time of no zone"] = ("'by_site'", "DateTimeKind.Utc", () => View(v => v.Where(e => e.Time >= new DateTime(2024, 1, 1)))),
        ["comparison with a captured time of no zone"] = ("'by_site'", "DateTimeKind.Utc", () => Since(new DateTime(2024, 1, 1))),
        ["comparison with a local time"] = ("'by_site'", "DateTimeKind.Utc", () => Since(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Local))),
        ["time since a date of no zone"] = ("'by_site'", "TimeSpan.Zero", () => View(v => v.GroupBy(e => (e.Time - e.Time.Date.AddHours(6)).Hours))),
        ["offset from the zone of the machine"] = ("'by_site'", "TimeSpan.Zero", () => View(v => v.Where(e => new DateTimeOffset(e.Time.DateTime).Hour > 3))),
        ["day of no zone"] = ("'by_site'", "TimeSpan.Zero", () => View(v => v.Where(e => e.Time > DateOnly.FromDayNumber(e.Count).ToDateTime(TimeOnly.MinValue)))),
        ["time of no zone made UTC"] = ("'by_site'", "DateTimeKind.Utc", () => View(v => v.Where(e => e.Time.DateTime.ToUniversalTime().Hour > 3))),
        ["time of no zone converted to one"] = (
            "'by_site'", "DateTimeKind.Utc", () => View(v => v.Where(e => TimeZoneInfo.ConvertTime(e.Time.Date, TimeZoneInfo.Utc).Hour > 3))),
        ["time in a text that may have no zone"] = (
            "'by_site'", "AssumeUniversal", () => View(v => v.Where(e => DateTimeOffset.Parse(e.Unit, CultureInfo.InvariantCulture) < e.Time))),
        ["time in a text that may have a zone"] = (
            "'by_site'", "AdjustToUniversal",
            () => View(v => v.Where(e => DateTime.Parse(e.Unit, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) < e.Seen))),
        ["time in a text of a form without a zone"] = (
            "'by_site'", "AssumeUniversal",
            () => View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, "yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) < e.Time))),
        ["time in a text of captured forms without a zone"] = (
            "'by_site'", "AssumeUniversal", () => ParsedAs(DateTimeStyles.None, "yyyy-MM-dd HH:mm zzz", "yyyy-MM-dd HH:mm")),
        ["time in a text of a form with a zone"] = (
            "'by_site'", "AdjustToUniversal",
            () => View(v => v.Where(e => DateTime.ParseExact(e.Unit, "yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture) < e.Seen))),
        ["time in a text of the round-trip form"] = (
            "'by_site'", "AdjustToUniversal",
            () => View(v => v.Where(e => DateTime.ParseExact(e.Unit, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) < e.Seen))),
        ["local time in a text"] = (
            "'by_site'", "AdjustToUniversal",
            () => View(v => v.Where(e => DateTime.Parse(e.Unit, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal) < e.Seen))),
        ["comparison with a time of no zone in a text"] = (
            "'by_site'", "DateTimeKind.Utc", () => View(v => v.Where(e => DateTime.ParseExact(e.Unit, "yyyyMMdd", CultureInfo.InvariantCulture) < e.Time))),
        ["comparison with a time in a text that may have no zone"] = (
            "'by_site'", "DateTimeKind.Utc",
            () => View(v => v.Where(e => DateTime.Parse(e.Unit, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal) < e.Time))),
        ["field that can change"] = ("'by_site'", "readonly", () => View(v => v.Where(e => e.Count > _changeable))),
        ["key and aggregate named alike"] = ("'site'", "name of its own", () => View(v => v.GroupBy(e => e.Site).Aggregate(a => new { Site = a.Count() }))),
        ["aggregate named like a state column"] = (
            "'mean_count'", "name of its own", () => View(v => v.Aggregate(a => new { Mean = a.Average(e => e.Ratio), Mean_count = a.Count() }))),
        ["key named like a state column"] = (
            "'mean_sum'", "name of its own",
            () => View(v => v.GroupBy(e => new { Mean_sum = e.Site }).Aggregate(a => new { Mean = a.Average(e => e.Ratio) }))),
        ["window of no length"] = ("View 'by_site': A tumbling window", "positive", () => View(v => v.Window(Tumbling.Every(TimeSpan.Zero)))),
        ["window of negative length"] = ("View 'by_site': A tumbling window", "positive", () => View(v => v.Window(Tumbling.Every(TimeSpan.FromHours(-1))))),
        ["window of parts of a microsecond"] = ("View 'by_site': A tumbling window", "whole number", () => View(v => v.Window(Tumbling.Every(TimeSpan.FromTicks(15))))),
        ["offset of parts of a microsecond"] = ("View 'by_site': A tumbling window", "whole number", () => View(v => v.Window(Tumbling.Every(TimeSpan.FromHours(1), TimeSpan.FromTicks(1))))),
        ["sliding window that does not slide"] = (
            "View 'by_site': A sliding window", "positive", () => View(v => v.Window(Sliding.Every(slide: TimeSpan.Zero, size: TimeSpan.FromHours(1))))),
        ["window that overlaps with too many"] = (
            "View 'by_site': Windows of", "longer slide", () => View(v => v.Window(Sliding.Every(TimeSpan.FromMicroseconds(1), TimeSpan.FromHours(1))))),
        ["session without a gap"] = ("View 'by_site': A session", "positive", () => View(v => v.Window(Session.WithGap(TimeSpan.Zero)))),
        ["day that begins with parts of a microsecond"] = (
            "View 'by_site': A day", "whole number", () => View(v => v.Window(Tumbling.Daily(TimeZoneInfo.Utc, new TimeOnly(1))))),
        ["week that begins with no day"] = (
            "View 'by_site': A week", "day of the week", () => View(v => v.Window(Tumbling.Weekly(TimeZoneInfo.Utc, (DayOfWeek)7)))),
        ["count window of no events"] = ("View 'by_site': A count window", "one or more", () => View(v => v.Window(Lambda.Windows.Count.Of(0, TimeSpan.FromHours(1))))),
        ["count window without a timeout"] = ("View 'by_site': A count window", "positive", () => View(v => v.Window(Lambda.Windows.Count.Of(3, TimeSpan.Zero)))),
        ["count window of a stream without partition key"] = ("'by_site'", ".PartitionBy(e => e.Id)", () => View(v => v.GroupBy(e => e.Site).Window(OfThree))),
        ["count window without the partition key"] = (
            "'by_site'", ".GroupBy(e => e.Site)",
            () => Threes(v => v.GroupBy(e => new { Site = e.Site + "!", e.Unit }))),
        ["count window by a part of the partition key"] = ("'by_site'", ".GroupBy(e => e.Count)", () => ThreesOfCount(v => v.GroupBy(e => (byte)e.Count))),
        ["count window by a part of the partition key, made large again"] = (
            "'by_site'", ".GroupBy(e => e.Count)", () => ThreesOfCount(v => v.GroupBy(e => (long)(float)e.Count))),
        ["count window that waits for late events"] = (
            "'by_site'", "Leave AllowedLateness out",
            () => Threes(v => v.GroupBy(e => e.Site).AllowedLateness(TimeSpan.FromTicks(1)))),
        ["event without members"] = ("'Empty'", "Give it one", () => _ = new StreamBuilder<Empty>("s")),
        ["event with a dictionary"] = ("'WithTable'", "List<T>", () => _ = new StreamBuilder<WithTable>("s")),
        ["event with arrays of arrays"] = ("'WithMatrix'", "a member of an object", () => _ = new StreamBuilder<WithMatrix>("s")),
        ["event with itself in it"] = ("'Tree'", "[JsonIgnore]", () => _ = new StreamBuilder<Tree>("s")),
        ["event with an interface"] = ("'WithInterface'", "[JsonIgnore]", () => _ = new StreamBuilder<WithInterface>("s")),
        ["event time in an object"] = ("'s'", "lies within", () => new StreamBuilder<Tree.Leaf>("s").EventTime(e => e.Inner.Time)),
        ["partition by an object"] = ("'s'", "no plain value", () => new StreamBuilder<Tree.Leaf>("s").PartitionBy(e => e.Inner)),
        ["event with an unsigned long"] = ("'WithUnsigned'", "Use long", () => _ = new StreamBuilder<WithUnsigned>("s")),
        ["event with flags"] = ("'WithFlags'", "without [Flags]", () => _ = new StreamBuilder<WithFlags>("s")),
        ["event with a converter"] = ("'WithConverter'", "[JsonIgnore]", () => _ = new StreamBuilder<WithConverter>("s")),
        ["event with names that differ in case only"] = ("'Twins'", "[JsonPropertyName]", () => _ = new StreamBuilder<Twins>("s")),
    };

    private static int _changeable = 3;

    public static TheoryData<string> Cases => [.. Wrong.Keys];

    private static WindowSpec OfThree => Lambda.Windows.Count.Of(3, TimeSpan.FromHours(1));

    private static Expression<Func<Reading, int?>> Elsewhere => e => e.Count;

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wrong_declaration_says_where_and_what_to_do(string wrong)
    {
        (string place, string remedy, Action declare) = Wrong[wrong];
        DefinitionException error = Assert.Throws<DefinitionException>(declare);

        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Matches("^[A-Z].*\\.$", error.Message);
    }

    private static StreamBuilder<Reading> Good(string name) => new StreamBuilder<Reading>(name).EventTime(e => e.Time);

    private static void Build(Action<StreamBuilder<Reading>> declare)
    {
        StreamBuilder<Reading> stream = Good("s");
        declare(stream);
        Catalog.Build([stream]);
    }

    private static void Plain(ViewBuilder<Reading> view) => view.Window(Hours).Aggregate(a => new { N = a.Count() });

    private static void View(Action<ViewBuilder<Reading>> declare) => Define(view =>
    {
        Plain(view);
        declare(view);
    });

    private static void AsUnit(StringComparison how) => View(v => v.Where(e => e.Unit.Equals("m", how)));

    private static List<decimal> Listed(Reading reading) => [reading.Price];

    private static void Like(RegexOptions how)
    {
        Regex pattern = new("^mi", how);
        View(v => v.Where(e => pattern.IsMatch(e.Unit)));
    }

    private static DateTime ToDateTime(long seconds) => DateTime.UnixEpoch.AddSeconds(seconds);

    private static void Since(DateTime start) => View(v => v.Where(e => e.Time >= start));

    [Fact]
    public void Times_whose_zone_is_known_or_does_not_matter_are_no_matter_of_the_machine()
    {
        DateTimeKind kind = DateTimeKind.Utc;
        DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        Since(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        View(v => v.Where(e => e.Time >= new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        View(v => v.Where(e => e.Time >= new DateTime(2024, 1, 1, 0, 0, 0, kind) && e.Time >= DateTime.UnixEpoch));
        View(v => v.Where(e => e.Seen >= new DateTime(2024, 1, 1) && e.Time > e.Seen));
        View(v => v.GroupBy(e => (e.Time - e.Time.UtcDateTime.Date).Hours));
        View(v => v.GroupBy(e => (e.Time - new DateTimeOffset(e.Time.Date, TimeSpan.Zero)).Hours));
        View(v => v.Where(e => e.Time > DateTime.SpecifyKind(e.Time.Date, DateTimeKind.Utc)));
        View(v => v.Where(e => TimeZoneInfo.ConvertTimeToUtc(e.Time.Date, TimeZoneInfo.Utc) < e.Seen));
        View(v => v.Where(e => e.Time > ToDateTime(e.Amount)));
        View(v => v.Where(e => DateTimeOffset.Parse(e.Unit, CultureInfo.InvariantCulture, styles) < e.Time));
        View(v => v.Where(e => DateTime.Parse(e.Unit, CultureInfo.InvariantCulture, styles) < e.Time));
        View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, "yyyyMMdd", CultureInfo.InvariantCulture, styles) < e.Time));
        View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, "r", CultureInfo.InvariantCulture) < e.Time));
        View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) < e.Time));
        View(v => v.Where(e => DateTime.ParseExact(e.Unit, "O", CultureInfo.InvariantCulture, styles) < e.Time));
        View(v => v.Where(e => DateTime.ParseExact(e.Unit, "yyyyMMdd", CultureInfo.InvariantCulture) < e.Seen));
        View(v => v.Where(e => DateTime.ParseExact(e.Unit, "s", CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces) < e.Seen));
        View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, e.Id, CultureInfo.InvariantCulture) < e.Time));
        ParsedAs(DateTimeStyles.None, "yyyy-MM-dd HH:mm zzz", "ddd, dd MMM yyyy HH:mm:ss GMT");
    }

    private static void ParsedAs(DateTimeStyles styles, params string[] forms) =>
        View(v => v.Where(e => DateTimeOffset.ParseExact(e.Unit, forms, CultureInfo.InvariantCulture, styles) < e.Time));

    private static void ParsedBy(IFormatProvider? culture) => View(v => v.Where(e => double.Parse(e.Unit, culture) > 1));

    [Fact]
    public void Orders_that_no_culture_has_a_say_in_are_taken()
    {
        ParsedBy(CultureInfo.InvariantCulture);
        View(v => v.GroupBy(e => string.Join(", ", Listed(e).Select(price => price.ToString(CultureInfo.InvariantCulture)))));
        View(v => v.GroupBy(e => string.Concat(e.Unit.Order())));
        Like(RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        Like(RegexOptions.None);
        View(v => v.GroupBy(e => new[] { e.Unit, e.Id }.Max(StringComparer.Ordinal)));
        View(v => v.GroupBy(e => new[] { e.Unit, e.Id }.OrderBy(text => text, StringComparer.Ordinal).First()));
        View(v => v.GroupBy(e => new[] { e.Count, 3 }.Max()));
        View(v => v.GroupBy(e => new[] { e.Unit, e.Id }.MaxBy(text => text.Length)));
    }

    [Fact]
    public void A_conversion_that_keeps_all_of_the_partition_key_is_no_hindrance_to_count_windows()
    {
        ThreesOfCount(v => v.GroupBy(e => (long)e.Count));
        ThreesOfCount(v => v.GroupBy(e => (int?)(uint)e.Count));
        ThreesOfCount(v => v.GroupBy(e => (DayOfWeek)e.Count));
    }

    private static void Threes(Action<ViewBuilder<Reading>> declare) => Threes(declare, stream => stream.PartitionBy(e => e.Site));

    private static void ThreesOfCount(Action<ViewBuilder<Reading>> declare) => Threes(declare, stream => stream.PartitionBy(e => e.Count));

    private static void Threes(Action<ViewBuilder<Reading>> declare, Action<StreamBuilder<Reading>> stream) => Define(
        view =>
        {
            Plain(view);
            view.Window(OfThree);
            declare(view);
        },
        stream);

    private static LastByOrdinal Unmakeable() => throw new InvalidOperationException("There is no dictionary.");

    private readonly struct Forgetful(string signature, params StateColumn[] columns) : IAggregator<int, long, long>
    {
        public string Signature => signature;

        public IReadOnlyList<StateColumn> StateColumns => columns;

        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, int value) => accumulator += value;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;

        public void Write(in long accumulator, StateWriter writer)
        {
        }

        public long Read(StateReader reader) => 0;
    }

    private sealed class Empty
    {
        public string Computed => ToString() ?? "";
    }

    private sealed record WithTable(DateTime Time, Dictionary<string, int> Items);

    private sealed record WithMatrix(DateTime Time, int[][] Items);

    private sealed record WithInterface(DateTime Time, IDisposable Thing);

    private sealed record Tree(DateTime Time, List<Tree> Children)
    {
        internal sealed record Leaf(Inner Inner);

        internal sealed record Inner(DateTime Time);
    }

    private sealed record WithUnsigned(DateTime Time, ulong Total);

    private sealed record WithFlags(DateTime Time, System.IO.FileAccess Access);

    private sealed record WithConverter(DateTime Time, [property: JsonConverter(typeof(Upper))] string Name);

    private sealed class Upper : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteNullValue();
    }

    private sealed record Twins(DateTime Time, [property: JsonPropertyName("TIME")] int Other);
}
