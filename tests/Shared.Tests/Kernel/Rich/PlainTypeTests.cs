using System.Text;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

public sealed class PlainTypeTests
{
    private const string Good =
        """
        "id":"D85B1407-351d-4694-9392-03acc5870eb1","time":"2024-01-01T00:00:00Z","kind":"Click","day":"2024-02-29","took":"01:02:03","score":0.1,
        "byte":1,"short":-2,"uInt":4000000000,"page":"p","weight":1
        """;

    private static readonly Dictionary<string, string[]> Values = new()
    {
        ["id"] = ["\"d85b1407-351d-4694-9392-03acc5870eb1\"", "\"D85B1407-351D-4694-9392-03ACC5870EB1\"", "\"d85b1407351d4694939203acc5870eb1\"",
            "\"{d85b1407-351d-4694-9392-03acc5870eb1}\"", "\" d85b1407-351d-4694-9392-03acc5870eb1\"", "\"\\u00645b1407-351d-4694-9392-03acc5870eb1\"",
            "\"d85b1407-351d-4694-9392-03acc5870eb1\"", "1", "null"],
        ["kind"] = ["\"Click\"", "\"cLICK\"", "\"View\"", "\"add-to-cart\"", "\"ADD-TO-CART\"", "\"AddToCart\"", "\"Größe\"", "\"GRÖßE\"", "\"GRÖSSE\"", "1",
            "-7", "2", "3", "1.0", "\"\"", "\"Buy\"", "\"Cl\\u0069ck\"", "null", "true", "1e2"],
        ["day"] = ["\"2024-02-29\"", "\"2023-02-29\"", "\"2024-2-09\"", "\"2024-02-29T00:00:00\"", "\"0001-01-01\"", "\"9999-12-31\"", "\"２024-02-2\"", "1", "null"],
        ["took"] = ["\"00:00:01\"", "\"-1.02:03:04.5\"", "\"24:00:00\"", "\"1\"", "\"1.00:00:00.0000001\"", "\" 00:00:01\"", "\"00:00:01 \"", "\"00:00\"",
            "\"10675199.02:48:05.4775807\"", "\"+00:00:01\"", "5", "null"],
        ["score"] = ["0.1", "1e38", "1e39", "-0", "16777217", "1e-50", "\"1\"", "null"],
        ["byte"] = ["0", "255", "256", "-1", "-0", "1.0", "1e1", "\"1\"", "null"],
        ["sByte"] = ["-128", "127", "128", "-129", "null"],
        ["short"] = ["32767", "-32768", "32768", "null"],
        ["uShort"] = ["65535", "65536", "-1", "null"],
        ["uInt"] = ["4294967295", "4294967296", "-1", "null"],
        ["url"] = ["\"https://example.org/a?b=ü\"", "\"/relative\"", "\"\"", "1", "null"],
        ["page"] = ["\"\"", "\"x\\ny\"", "null"],
        ["ignored"] = ["1", "\"x\"", "{}"],
        ["computed"] = ["5", "[]"],
    };

    private static readonly string[][] Names = [["kind", "maybe-kind"], ["id", "session"], ["day", "maybeDay"], ["took", "maybeTook"], ["score", "maybeScore"]];

    [Fact]
    public void Every_spelling_is_taken_or_refused_as_SystemTextJson_does()
    {
        Decoded<Click> decoded = new(Stream());
        List<string> expected = [];
        foreach ((string name, string value) in Values.SelectMany(pair => pair.Value.SelectMany(value =>
            (Names.FirstOrDefault(names => names[0] == pair.Key) ?? [pair.Key]).Select(name => (name, value)))))
        {
            // Before and after a good value of the same member, as the last one counts and all are judged.
            foreach (string json in new[] { $"{{\"{name}\":{value},{Good}}}", $"{{{Good},\"{name}\":{value}}}" })
            {
                string? wanted = Decoded<Click>.Expected(json);
                if ((name.EndsWith("kind", StringComparison.Ordinal) && value == "3") || value == "1e39")
                {
                    // Numbers without a name and floats that are not finite are where the kernel is stricter.
                    wanted = null;
                }

                Refusal? refusal = decoded.Add(json);
                Assert.True(wanted is null == refusal is not null, $"{json}: {refusal}");
                expected.AddRange(wanted is null ? [] : [wanted]);
            }
        }

        Assert.True(expected.Count > 60, $"{expected.Count} were taken");
        Assert.Equal(expected, decoded.Objects());
    }

    [Fact]
    public void A_name_that_the_enum_does_not_have_is_quarantined_as_a_wrong_type()
    {
        Refusal? refusal = new Decoded<Click>(Stream()).Add($"{{{Good},\"kind\":\"Buy\"}}");
        Assert.Equal(RejectReason.WrongType, refusal?.Reason);
        Assert.Contains("'kind' is not a Kind", refusal?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_values_are_equal_texts_whatever_their_spelling()
    {
        EventSchema schema = EventSchema.Of(typeof(Click));
        string[] texts = ["d85b1407-351d-4694-9392-03acc5870eb1", "add-to-cart", "Größe", "1.00:00:00"];
        (string Member, string Spelled)[] spelled =
            [("Id", "D85B1407-351D-4694-9392-03ACC5870EB1"), ("Kind", "add-to-cart"), ("Kind", "GRÖßE"), ("Took", "1.00:00:00")];
        byte[] buffer = new byte[64];
        Assert.Equal(texts, spelled.Select(value =>
        {
            Assert.True(schema.Find(value.Member)!.Form!.TryNormalize(Encoding.UTF8.GetBytes(value.Spelled), buffer, out ReadOnlySpan<byte> text));
            return Encoding.UTF8.GetString(text);
        }));
    }

    [Fact]
    public void Only_types_that_fill_their_columns_make_a_schema_flat()
    {
        Assert.True(EventSchema.Of(typeof(Streams.Reading)).IsFlat);
        Assert.False(EventSchema.Of(typeof(Click)).IsFlat);
        Assert.False(EventSchema.Of(typeof(Narrow)).IsFlat);
    }

    private static StreamBuilder<Click> Stream() => new StreamBuilder<Click>("clicks").EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Page);

    private sealed record Narrow(DateTime At, short Value);
}
