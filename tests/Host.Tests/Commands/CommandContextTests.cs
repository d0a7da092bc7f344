using System.CommandLine;
using Lambda.Definition;
using Lambda.Hosting;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Output;
using Lambda.Windows;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public class CommandContextTests
{
    [Theory]
    [InlineData("batch", "Say which stream with --stream. The streams are: one, two.")]
    [InlineData("quality", "Say which stream behind 'quality'. The streams are: one, two.")]
    [InlineData("quality three", "There is no stream 'three'. The streams are: one, two.")]
    public void Of_several_streams_one_has_to_be_named_where_the_command_takes_it(string line, string expected)
    {
        CommandContext context = new(
            new Application("app", Catalog.Build([Stream("one"), Stream("two")]), [], new ConfigurationBuilder().Build()), new Terminal(TimeProvider.System));
        Option<string?> option = new("--stream");
        Argument<string?> argument = new("STREAM") { Arity = ArgumentArity.ZeroOrOne };
        RootCommand root = [new Command("batch") { option }, new Command("quality") { argument }];
        ParseResult parsed = root.Parse(line);

        CommandException refused = Assert.Throws<CommandException>(
            () => parsed.CommandResult.Command.Name == "batch" ? context.FindStream(parsed, option) : context.FindStream(parsed, argument));

        Assert.Equal(expected, refused.Message);
    }

    private static StreamBuilder<Reading> Stream(string name)
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>(name).EventTime(reading => reading.At);
        stream.View($"{name}_by_hour").Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Readings = a.Count() });
        return stream;
    }

    private sealed record Reading(DateTime At);
}
