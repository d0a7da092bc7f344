using System.Text.Json;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

public class SnapshotTests
{
    /// <summary>
    /// Publications move the boundary while queries run. A query that read the batch part of one state and the speed part of another would count
    /// events twice or not at all.
    /// </summary>
    [Fact]
    public async Task A_publication_in_the_middle_of_a_query_counts_nothing_twice()
    {
        const int Epochs = 20;
        await using ServingApp app = await ServingApp.StartAsync();
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            await app.Layers.SpeedAsync(
                Store.EpochEnd.Seal, [.. Enumerable.Range(epoch * 5, 5).Select(id => Sample.Flight(id, "ATL", 1, 1))]);
        }

        using CancellationTokenSource published = new();
        Task<int> queries = Task.Run(async () =>
        {
            int asked = 0;
            do
            {
                JsonElement answer = await app.GetAsync("/api/views/delays");
                Assert.Equal(100, answer.GetProperty("rows")[0].GetProperty("values").GetProperty("flights").GetInt64());
                asked++;
            }
            while (!published.IsCancellationRequested);
            return asked;
        }, TestContext.Current.CancellationToken);

        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            await app.Layers.PublishAsync(epoch * 5, Enumerable.Range(0, epoch * 5), [], [], []);
        }

        await published.CancelAsync();
        Assert.True(await queries > 1);
    }
}
