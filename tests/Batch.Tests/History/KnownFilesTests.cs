using System.Globalization;
using Lambda.Batch.History;
using Lambda.Log;

namespace Lambda.Batch.Tests.History;

public sealed class KnownFilesTests : IDisposable
{
    private readonly HistoryFixture _history = new();

    public void Dispose() => _history.Dispose();

    [Fact]
    public async Task What_the_log_tells_of_a_file_is_read_once_however_many_versions_have_it()
    {
        Random random = new(5);
        HistoryTable table = await _history.OpenAsync();
        await AppendAsync(0);
        IReadOnlyList<HistoryFile> before = table.Current.Files;
        await AppendAsync(50);

        Assert.NotEmpty(before);
        Assert.True(table.Current.Files.Count > before.Count);
        Assert.All(before, file => Assert.Contains(file, table.Current.Files));

        Task AppendAsync(int start) => table.AppendAsync(
            [Readings.ToBatch(Readings.Random(random, 0, new OffsetRange(start, start + 50), wild: false))],
            HistoryFixture.Range(0, start, start + 50),
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Files_are_found_by_their_day()
    {
        HistoryTable table = await _history.OpenAsync();
        await table.AppendAsync(
            [Readings.ToBatch(Readings.Random(new Random(6), 0, new OffsetRange(0, 200), wild: true))],
            HistoryFixture.Range(0, 0, 200),
            TestContext.Current.CancellationToken);
        HistorySnapshot current = table.Current;

        Assert.True(current.FilesByDay.Count > 1);
        Assert.All(current.FilesByDay, day => Assert.All(day, file => Assert.Equal(day.Key?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), file.Date)));
        Assert.Equal(current.Files.Count, current.FilesByDay.Sum(day => day.Count()));
    }
}
