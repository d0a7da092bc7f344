using Lambda.Capture.Sending;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture;

/// <summary>A capture as it was declared, to be built when its services are there.</summary>
internal sealed record CaptureDeclaration(Func<IServiceProvider, TimeProvider, ILogger, CapturePipeline> Build);
