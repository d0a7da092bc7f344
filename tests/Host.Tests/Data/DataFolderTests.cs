using System.Net;
using System.Net.Sockets;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Data;
using Xunit;

namespace Lambda.Host.Tests.Data;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_process_is_told_who_holds_the_folder_and_what_to_do()
    {
        using DataFolder held = DataFolder.Open(_folder.Data, "test");

        (await Cli.FlightsAsync("run", "--data", _folder.Data))
            .MustFail(4, _folder.Data, $"process {Environment.ProcessId}", "'test'", "--data");
    }

    [Fact]
    public async Task A_command_that_cannot_reach_the_holder_says_so_after_a_while()
    {
        using DataFolder held = DataFolder.Open(_folder.Data, "test");

        (await Cli.FlightsAsync("status", "--data", _folder.Data)).MustFail(4, $"process {Environment.ProcessId}");
    }

    [Fact]
    public void The_folder_can_be_opened_again_after_it_was_closed()
    {
        DataFolder.Open(_folder.Data, "first").Dispose();

        using DataFolder second = DataFolder.Open(_folder.Data, "second");

        Assert.Equal("second", FolderOwner.Find(second.Root)!.Purpose);
    }

    [Fact]
    public void What_a_dead_process_left_in_the_owners_note_does_not_keep_others_out()
    {
        Directory.CreateDirectory(_folder.Data);
        File.WriteAllText(Path.Combine(_folder.Data, "owner.json"), """{"processId":1,"purpose":"run","startedAt":"2001-01-01T00:00:00Z","address":"http://127.0.0.1:1/"}""");

        using DataFolder opened = DataFolder.Open(_folder.Data, "test");

        Assert.Equal(Environment.ProcessId, FolderOwner.Find(opened.Root)!.ProcessId);
    }

    // A file in the folder's place stops root as well, whom permissions do not stop.
    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named_with_a_remedy()
    {
        string file = _folder.Write("data", "not a folder");

        (await Cli.FlightsAsync("run", "--data", file)).MustFail(1, file, "cannot be created or written", "--data");
    }

    [Fact]
    public async Task Reading_from_a_file_says_that_it_is_one()
    {
        string file = _folder.Write("data", "not a folder");

        (await Cli.FlightsAsync("status", "--data", file)).MustFail(1, file, "it is a file", "--data");
    }

    [Fact]
    public void A_folder_in_which_a_file_stands_in_the_way_is_let_go_again()
    {
        Directory.CreateDirectory(_folder.Data);
        File.WriteAllText(Path.Combine(_folder.Data, "log"), "in the way");
        Assert.Throws<CommandException>(() => DataFolder.Open(_folder.Data, "test"));
        File.Delete(Path.Combine(_folder.Data, "log"));

        DataFolder.Open(_folder.Data, "test").Dispose();
    }

    [Fact]
    public async Task Reading_from_a_folder_that_is_not_there_makes_none()
    {
        (await Cli.FlightsAsync("status", "--data", _folder.Data)).MustFail(1, "no data folder", "'run' or 'ingest'");

        Assert.False(Directory.Exists(_folder.Data));
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_another_to_choose()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        (await Cli.FlightsAsync("run", "--urls", $"http://127.0.0.1:{port}", "--data", _folder.Data))
            .MustFail(1, $"Port {port} is in use", "--urls http://127.0.0.1:");
    }
}
