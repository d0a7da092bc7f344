using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lambda.Serving.Security;

/// <summary>A key by which a caller is known. Only its hash is kept.</summary>
/// <remarks>
/// Keys are made of 256 random bits, so a plain SHA-256 is enough: there is nothing to be guessed that salts and slow hashes would protect, as there is in passwords.
/// </remarks>
public sealed record ApiKey
{
    /// <summary>What keys begin with, so that people and scanners of secrets know them when they see one.</summary>
    public const string Prefix = "lk_";

    private const int RandomBytes = 32;

    /// <param name="name">Whose it is. Refusals name it.</param>
    /// <param name="roles">What its holder may do.</param>
    /// <param name="sha256">The SHA-256 of the key as UTF-8, as 64 hexadecimal digits in any case.</param>
    /// <exception cref="ArgumentException">It has no name or no role, or the hash is none; the message does not repeat it, as it may be the key itself.</exception>
    public ApiKey(string name, ApiRoles roles, string sha256)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(sha256);
        if (roles == ApiRoles.None || (roles & ~ApiRoles.Admin) != 0)
        {
            throw new ArgumentException($"Key '{name}' may do nothing. Give it one or more roles.", nameof(roles));
        }

        if (sha256.Length != 2 * SHA256.HashSizeInBytes || !sha256.All(char.IsAsciiHexDigit))
        {
            throw new ArgumentException(
                $"The hash of key '{name}' is no SHA-256. Give the 64 hexadecimal digits that the command 'key' prints, and not the key itself.", nameof(sha256));
        }

        Name = name;
        Roles = roles;
        Sha256 = sha256.ToLowerInvariant();
    }

    /// <summary>Whose it is.</summary>
    public string Name { get; }

    /// <summary>What its holder may do.</summary>
    public ApiRoles Roles { get; }

    /// <summary>The SHA-256 of the key, as 64 hexadecimal digits in small letters.</summary>
    public string Sha256 { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="roles">What its holder may do.</param>
    /// <returns>The key as it is kept, and the secret that its holder sends.</returns>
    public static (ApiKey Key, string Secret) Generate(string name, ApiRoles roles)
    {
        string secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return (new ApiKey(name, roles, Hash(secret)), secret);
    }

    /// <summary>The hash of what a caller sends.</summary>
    internal static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
