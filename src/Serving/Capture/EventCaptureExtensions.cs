using Lambda.Capture.Requests;
using Lambda.Definition;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Lambda.Capture;

/// <summary>Adds event capture to an ASP.NET Core application.</summary>
public static class EventCaptureExtensions
{
    /// <summary>Declares that requests become events of a stream. May be called once for each of several streams.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="stream">The stream's name.</param>
    /// <param name="configure">Says which requests, what of them, and where to.</param>
    /// <exception cref="DefinitionException">Something is missing or wrong; the message says what.</exception>
    public static IServiceCollection AddEventCapture<TEvent>(
        this IServiceCollection services, string stream, Action<EventCaptureBuilder<TEvent>> configure)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        Names.Validate("stream", stream);
        EventCaptureBuilder<TEvent> builder = new(stream);
        configure(builder);
        services.AddSingleton(builder.Declare());
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new EventCaptures(provider, provider.GetServices<CaptureDeclaration>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EventCaptures>(provider => provider.GetRequiredService<EventCaptures>()));
        return services;
    }

    /// <summary>
    /// Captures the requests that pass here. Call it before what answers them, and after what they are not to be captured without, such as
    /// <c>UseForwardedHeaders</c> or <c>UseExceptionHandler</c>; user and route are known whatever the order.
    /// </summary>
    /// <exception cref="InvalidOperationException">The services of no capture were added.</exception>
    public static IApplicationBuilder UseEventCapture(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        EventCaptures captures = app.ApplicationServices.GetService<EventCaptures>()
            ?? throw new InvalidOperationException("Nothing is captured. Declare a capture with services.AddEventCapture<TEvent>(…).");
        return app.UseMiddleware<CaptureMiddleware>(captures);
    }
}
