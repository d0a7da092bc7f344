using System.Text.Json;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Xunit;

namespace Lambda.Tests.Kernel.Rich;

public sealed class NestedJsonTests
{
    private const int Inputs = 4_000;

    [Theory]
    [InlineData(1000)]
    [InlineData(40)]
    [InlineData(10)]
    public void Orders_are_taken_and_refused_and_made_objects_as_SystemTextJson_does(int oneInHowManyIsWrong)
    {
        int seed = Random.Shared.Next();
        RandomOrders orders = new(new Random(seed), oneInHowManyIsWrong);
        Decoded<Order> decoded = new(Stream());
        List<(string Json, string Object)> expected = [];
        string? lastRefusal = null;
        for (int i = 0; i < Inputs; i++)
        {
            string json = orders.Next();
            string? wanted = Decoded<Order>.Expected(json);
            Refusal? refusal = decoded.Add(json);
            Assert.True(wanted is null == refusal is not null, $"seed {seed}: {json}: {refusal} but {wanted}");
            if (wanted is not null)
            {
                expected.Add((json, wanted));
            }
            else
            {
                lastRefusal = $"{refusal}: {json}";
            }
        }

        Assert.True(expected.Count > Inputs / 100 && (oneInHowManyIsWrong > 100 || expected.Count < Inputs * 0.9), $"seed {seed}: {expected.Count} were taken; last refused was {lastRefusal}");
        foreach (((string json, string wanted), string got) in expected.Zip(decoded.Objects()))
        {
            Assert.True(wanted == got, $"seed {seed}: {json}\n{wanted}\n{got}");
        }

        Assert.Equal(expected.Count, decoded.Objects().Count);
    }

    [Theory]
    [InlineData("\"shippingAddress\":{\"city\":\"a\",\"zip-code\":5}", RejectReason.WrongType, "'shippingAddress.zip-code' is not a String")]
    [InlineData("\"shippingAddress\":[]", RejectReason.WrongType, "'shippingAddress' is not an object")]
    [InlineData("\"shippingAddress\":{}", RejectReason.MissingMember, "'shippingAddress.city' is missing")]
    [InlineData("\"tags\":{}", RejectReason.WrongType, "'tags' is not an array")]
    [InlineData("\"tags\":[\"a\",null]", RejectReason.MissingMember, "'tags[]' is missing or null")]
    [InlineData("\"items\":[{\"sku\":\"a\",\"price\":1},{\"sku\":\"b\",\"price\":\"1\"}]", RejectReason.WrongType, "'items[].price' is not a Decimal")]
    [InlineData("\"items\":[{\"discounts\":[{\"percent\":1,\"reasons\":[1]}]}]", RejectReason.WrongType, "'items[].discounts[].reasons[]' is not a String")]
    [InlineData("\"kinds\":[\"Buy\"]", RejectReason.WrongType, "'kinds[]' is not a Kind")]
    public void A_refusal_names_the_path(string member, RejectReason reason, string detail)
    {
        Refusal? refusal = new Decoded<Order>(Stream()).Add($"{{{member}}}");
        Assert.Equal(reason, refusal?.Reason);
        Assert.Contains(detail, refusal?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_object_of_a_name_counts_as_a_whole()
    {
        Decoded<Order> decoded = new(Stream());
        string rest = "\"id\":\"a\",\"time\":\"2024-01-01\",\"origin\":{\"latitude\":1,\"longitude\":2},\"kinds\":[],\"tags\":[\"x\",\"y\"],\"tags\":[\"z\"]";
        Assert.Null(decoded.Add($"{{{rest},\"shippingAddress\":{{\"city\":\"a\",\"zip-code\":\"1\"}},\"shippingAddress\":{{\"city\":\"b\"}}}}"));
        Assert.Null(decoded.Add($"{{{rest},\"shippingAddress\":{{\"city\":\"c\"}}}}"));
        Order[] orders = [.. decoded.Objects().Select(json => JsonSerializer.Deserialize<Order>(json, Decoded<Order>.Options)!)];
        Assert.Equal(["b", "c"], orders.Select(order => order.ShippingAddress.City));
        Assert.All(orders, order => Assert.Null(order.ShippingAddress.Zip));
        Assert.All(orders, order => Assert.Equal(["z"], order.Tags));
    }

    [Fact]
    public void A_member_is_kept_as_it_came_when_an_object_in_it_has_members_more()
    {
        Decoded<Order> decoded = new(Stream());
        const string Rest = "\"id\":\"a\",\"time\":\"2024-01-01\",\"origin\":{\"latitude\":1,\"longitude\":2},\"kinds\":[],\"tags\":[]";
        const string Address = "\"shippingAddress\": {\"city\":\"a\",\"country\":{\"code\":\"x\",\"more\":[{}]}}";
        Assert.Null(decoded.Add($"{{{Rest},{Address},\"other\":1}}"));
        Assert.Equal($"{{{Address},\"other\":1}}", decoded.Unknown);
        Assert.Null(decoded.Add($"{{{Rest},\"shippingAddress\":{{\"city\":\"a\"}}}}"));
        Assert.Equal("", decoded.Unknown);
    }

    private static StreamBuilder<Order> Stream() => new StreamBuilder<Order>("orders").EventTime(e => e.Time).EventId(e => e.Id);
}
