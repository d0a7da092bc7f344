using Lambda.Hosting;

// An application whose definition is wrong: a negative bound when it is called with 'bound', no event time otherwise.
var app = LambdaApplication.CreateBuilder(args);
var clicks = app.Stream<Click>("clicks");
if (args is ["bound", ..])
{
    clicks.OutOfOrderness(TimeSpan.FromMinutes(-1));
}

return await app.Build().RunAsync();

internal sealed record Click(DateTime At);
