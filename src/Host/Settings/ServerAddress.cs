using System.Net;
using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Settings;

/// <summary>
/// Where the server listens. That is the loopback interface only, unless it has keys to know callers by, or somebody says that a proxy in front of it asks them who
/// they are.
/// </summary>
/// <param name="Hosts">The addresses.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record ServerAddress(IReadOnlyList<IPAddress> Hosts, int Port)
{
    public const string Default = "http://127.0.0.1:8080";

    /// <summary>The setting that lets other machines in.</summary>
    public const string AllowRemoteSetting = "AllowRemote";

    /// <summary>Reads an address such as <c>http://127.0.0.1:8080</c>.</summary>
    /// <param name="text">The address.</param>
    /// <param name="allowsRemote">Whether other machines may reach it.</param>
    /// <exception cref="CommandException">It is none, or not one of the loopback interface and others are not allowed.</exception>
    public static ServerAddress Parse(string text, bool allowsRemote)
    {
        // Uri takes neither '*' nor '+' for a host, which stand for all interfaces elsewhere.
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            throw Wrong(uri?.Scheme == Uri.UriSchemeHttps
                ? $"'{text}' cannot be listened at: the server speaks HTTP only. For HTTPS, put a reverse proxy that does before it."
                : $"'{text}' is no address to listen at.");
        }

        IReadOnlyList<IPAddress> hosts = uri.IdnHost switch
        {
            "localhost" => [IPAddress.Loopback, IPAddress.IPv6Loopback],
            { } host when IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && (allowsRemote || IPAddress.IsLoopback(address)) => [address],
            _ when allowsRemote => throw Wrong($"'{text}' names no address of this machine. Give an IP address, or 0.0.0.0 for all of them."),
            _ => throw Wrong($"'{text}' is not an address of this machine's loopback interface. As the server has no keys to know callers by, it can be "
                + $"reached from this machine only. For others, make keys (command 'key'), or put a reverse proxy before it that asks callers who they are; and if that is on another machine, "
                + $"or this is a container, set {AllowRemoteSetting} to true."),
        };

        // The system could not choose one port for both loopback addresses.
        return new ServerAddress(uri.Port == 0 ? [hosts[0]] : hosts, uri.Port);
    }

    private static CommandException Wrong(string what) => new($"{what} Give --urls an address such as {Default}.", ExitCodes.WrongUsage);
}
