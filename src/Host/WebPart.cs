using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Hosting;

/// <summary>What an application adds to the web server of the platform.</summary>
/// <param name="AddServices">Adds services, behind those of the layers.</param>
/// <param name="Map">Adds middleware and endpoints, behind those of the layers.</param>
internal sealed record WebPart(Action<IServiceCollection> AddServices, Action<WebApplication> Map);
