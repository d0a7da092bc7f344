using System.Net;
using System.Net.Sockets;

namespace Lambda.TestSupport;

/// <summary>
/// Ports for servers of tests, from below those that the system gives to outgoing connections (32768 and up on Linux): of those, one that is free now may be taken by any
/// client until the server listens, or while it is down, and a client that tries to reach a server that is down may even connect to itself.
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;
    private const int Count = 10_000;

    /// <summary>A port of the loopback address that nobody uses now.</summary>
    public static int Next()
    {
        int start = Random.Shared.Next(Count);
        for (int step = 0; step < Count; step++)
        {
            int port = First + ((start + step) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"All ports from {First} to {First + Count - 1} are in use.");
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
