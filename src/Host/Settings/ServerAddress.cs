using System.Net;
using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Settings;

/// <summary>Where the server listens: the loopback interface only, as nothing asks callers who they are.</summary>
/// <param name="Hosts">The loopback addresses.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record ServerAddress(IReadOnlyList<IPAddress> Hosts, int Port)
{
    public const string Default = "http://127.0.0.1:8080";

    /// <summary>Reads an address such as <c>http://127.0.0.1:8080</c>.</summary>
    /// <exception cref="CommandException">It is none, or not one of the loopback interface.</exception>
    public static ServerAddress Parse(string text)
    {
        // Uri takes neither '*' nor '+' for a host, which here stand for all interfaces and would be refused anyway.
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            throw Wrong($"'{text}' is no address to listen at.");
        }

        IReadOnlyList<IPAddress> hosts = uri.IdnHost switch
        {
            "localhost" => [IPAddress.Loopback, IPAddress.IPv6Loopback],
            { } host when IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address) => [address],
            _ => throw Wrong($"'{text}' is not an address of this machine's loopback interface. As the server asks nobody who they are, it can be "
                + "reached from this machine only; for others, put a reverse proxy that does before it."),
        };

        // The system could not choose one port for both loopback addresses.
        return new ServerAddress(uri.Port == 0 ? [hosts[0]] : hosts, uri.Port);
    }

    private static CommandException Wrong(string what) => new($"{what} Give --urls an address such as {Default}.", ExitCodes.WrongUsage);
}
