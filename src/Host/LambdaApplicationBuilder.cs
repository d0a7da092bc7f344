using System.Reflection;
using Lambda.Definition;
using Lambda.Hosting.Seeding;
using Lambda.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Hosting;

/// <summary>Declares the streams and views of an application.</summary>
public sealed class LambdaApplicationBuilder
{
    private readonly string[] _args;
    private readonly List<IStreamBuilder> _streams = [];
    private readonly List<Seed> _seeds = [];
    private readonly List<WebPart> _web = [];

    internal LambdaApplicationBuilder(string[] args)
    {
        _args = args;
        Name = Assembly.GetEntryAssembly()?.GetName().Name ?? "app";
        Configuration = SettingsSources.Read();
    }

    /// <summary>The application's name, which the default data folder is called by; that of the program at first.</summary>
    public string Name { get; set; }

    /// <summary>
    /// The settings: section <c>Lambda</c> of <c>appsettings.json</c>, then environment variables that begin with <c>LAMBDA_</c>. Sources added here
    /// come last and win.
    /// </summary>
    public ConfigurationManager Configuration { get; }

    /// <summary>Declares a stream.</summary>
    /// <typeparam name="TEvent">The event type; see <see cref="StreamBuilder{TEvent}"/>.</typeparam>
    /// <param name="name">The stream's name.</param>
    /// <exception cref="DefinitionException">The name or the event type cannot be used.</exception>
    public StreamBuilder<TEvent> Stream<TEvent>(string name)
    {
        StreamBuilder<TEvent> stream = new(name);
        _streams.Add(stream);
        return stream;
    }

    /// <summary>
    /// Declares a file whose events are appended to a stream once, when the application runs for the first time. A later start goes on where an
    /// interrupted one stopped, and takes a file with other content as a new one.
    /// </summary>
    /// <remarks>
    /// What was appended is noted in the data folder. Where several processes share a log in Kafka, each that keeps such a folder appends the file, that is each with the batch layer; then start one of
    /// them, on a folder that stays, or leave the file to the command <c>ingest</c>.
    /// </remarks>
    /// <param name="stream">The stream.</param>
    /// <param name="file">A Parquet file, or one with a JSON object per line; a relative path is looked up beside the program, then beside the source of a
    /// file-based program, then in the current folder.</param>
    public LambdaApplicationBuilder Seed<TEvent>(StreamBuilder<TEvent> stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        _seeds.Add(new Seed(((IStreamBuilder)stream).Name, file));
        return this;
    }

    /// <summary>
    /// Adds pages, endpoints or middleware of the application's own to the server of <c>run</c>, beside the console and the API. They have the paths that
    /// those leave (which are <c>/</c>, <c>/api</c>, <c>/docs</c>, <c>/hangfire</c>, <c>/health</c>, <c>/internal</c>, <c>/metrics</c> and <c>/openapi</c>), and are
    /// guarded like them against pages of other sites. Processes without the serving layer, and other commands, leave them out.
    /// </summary>
    /// <param name="addServices">Adds services; those of the platform, its log included, are there.</param>
    /// <param name="map">Adds middleware and endpoints.</param>
    public LambdaApplicationBuilder Web(Action<IServiceCollection> addServices, Action<WebApplication> map)
    {
        ArgumentNullException.ThrowIfNull(addServices);
        ArgumentNullException.ThrowIfNull(map);
        _web.Add(new WebPart(addServices, map));
        return this;
    }

    /// <summary>Validates all declarations.</summary>
    /// <exception cref="DefinitionException">A declaration is wrong. Left uncaught, its message is printed and the process ends with exit code 2.</exception>
    public LambdaApplication Build()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
        {
            throw new DefinitionException($"The application cannot be named '{Name}', as its data folder is called by it. Give a name good for a folder.");
        }

        return new LambdaApplication(new Application(Name, Catalog.Build(_streams), _seeds, Configuration) { Web = _web }, _args);
    }
}
