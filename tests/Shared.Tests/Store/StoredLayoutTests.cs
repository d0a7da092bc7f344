using Lambda.Store;
using Lambda.Store.Relational;
using Lambda.Views;
using Xunit;

namespace Lambda.Tests.Store;

public sealed class StoredLayoutTests
{
    /// <summary>As stores of before wrote it, when all windows had a place in time.</summary>
    [Fact]
    public void A_layout_that_says_nothing_of_addresses_is_addressed_by_interval()
    {
        PartialLayout layout = StoredJson.Read<PartialLayout>(
            """{"Stream":"s","View":"v","Version":"1","Keys":[{"Name":"k","Type":"String","IsNullable":true}],"States":[]}""");

        Assert.Equal(PartialAddressing.Interval, layout.Addressing);
        Assert.Equal(PartialAddressing.Position, StoredJson.Read<PartialLayout>(StoredJson.Write(
            layout with { Addressing = PartialAddressing.Position })).Addressing);
    }

    [Fact]
    public void What_a_generation_was_computed_from_is_read_without_figures_from_before_there_were_any()
    {
        GenerationBasis basis = StoredJson.Read<GenerationBasis>("""{"Computation":"abc","Rows":{"2026-01-02":3},"Undecodable":1,"Missing":[]}""");

        Assert.Equal(("abc", 3), (basis.Computation, basis.Rows.Values.Single()));
        Assert.Empty(basis.Figures);
    }
}
