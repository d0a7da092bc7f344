using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Lambda.Log.Kafka;
using Lambda.Tests.Log.Kafka;
using Lambda.TestSupport.Kafka;
using Xunit;

[assembly: AssemblyFixture(typeof(SecuredBroker))]

namespace Lambda.Tests.Log.Kafka;

/// <summary>
/// A broker that speaks TLS only, knows a user by SCRAM, and allows this one what docs/kafka.md says that the platform needs, and nothing more; one for all tests of
/// the run, started by the first that needs it.
/// </summary>
public sealed class SecuredBroker : IAsyncDisposable
{
    private const string Prefix = "secured-";
    private const string User = "lambda";
    private const string Administrator = "broker";
    private const string KeystorePassword = "keystore";

    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-secured-").FullName;
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly Lazy<Task<KafkaBroker>> _broker;

    public SecuredBroker() => _broker = new Lazy<Task<KafkaBroker>>(StartAsync);

    private string Authority => Path.Combine(_folder, "ca.pem");

    private string Keystore => Path.Combine(_folder, "broker.p12");

    /// <summary>Options with topics that no other caller has, as the user may have them.</summary>
    public async Task<KafkaOptions> NewOptionsAsync()
    {
        SharedBroker.SkipWithoutKafka();
        string unique = $"{Prefix}{Guid.NewGuid():N}-";
        return new KafkaOptions
        {
            BootstrapServers = (await _broker.Value).Bootstrap,
            TopicPrefix = unique,
            GroupId = unique,
            Settings = new Dictionary<string, string>
            {
                ["security.protocol"] = "SASL_SSL",
                ["sasl.mechanism"] = "SCRAM-SHA-512",
                ["sasl.username"] = User,
                ["sasl.password"] = _password,
                ["ssl.ca.location"] = Authority,
            },
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _broker.Value).DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<KafkaBroker> StartAsync()
    {
        WriteCertificates();
        KafkaBroker broker = await KafkaBroker.StartAsync(
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_SSL",
            "inter.broker.listener.name=PLAINTEXT",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol=PLAIN",
            "listener.name.plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
                + $"username=\"{Administrator}\" password=\"{_password}\" user_{Administrator}=\"{_password}\";",
            "listener.name.plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "ssl.keystore.type=PKCS12",
            $"ssl.keystore.location={Keystore}",
            $"ssl.keystore.password={KeystorePassword}",
            "ssl.truststore.type=PEM",
            $"ssl.truststore.location={Authority}",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            $"super.users=User:{Administrator};User:ANONYMOUS");
        using IAdminClient administration = new AdminClientBuilder(new AdminClientConfig
        {
            BootstrapServers = broker.Bootstrap,
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.Plain,
            SaslUsername = Administrator,
            SaslPassword = _password,
            SslCaLocation = Authority,
        }).Build();
        await administration.AlterUserScramCredentialsAsync(
        [
            new UserScramCredentialUpsertion
            {
                User = User,
                ScramCredentialInfo = new ScramCredentialInfo { Mechanism = ScramMechanism.ScramSha512, Iterations = 4096 },
                Password = System.Text.Encoding.UTF8.GetBytes(_password),
            },
        ]);
        await administration.CreateAclsAsync(
        [
            .. new[] { AclOperation.Describe, AclOperation.Read, AclOperation.Write, AclOperation.Create, AclOperation.Delete, AclOperation.DescribeConfigs }
                .Select(operation => Allow(ResourceType.Topic, operation)),
            Allow(ResourceType.Group, AclOperation.Read),
        ]);
        return broker;
    }

    private static AclBinding Allow(ResourceType type, AclOperation operation) => new()
    {
        Pattern = new ResourcePattern { Type = type, Name = Prefix, ResourcePatternType = ResourcePatternType.Prefixed },
        Entry = new AccessControlEntry { Principal = $"User:{User}", Host = "*", Operation = operation, PermissionType = AclPermissionType.Allow },
    };

    private void WriteCertificates()
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=Lambda tests", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, from.AddDays(7));
        File.WriteAllText(Authority, authority.ExportCertificatePem());

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=broker", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, from, from.AddDays(6), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 certificate = signed.CopyWithPrivateKey(key);
        File.WriteAllBytes(Keystore, certificate.Export(X509ContentType.Pkcs12, KeystorePassword));
    }
}
