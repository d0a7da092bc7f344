using System.Text.Json;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Output;
using Lambda.Hosting.Settings;

namespace Lambda.Hosting.Client;

/// <summary>Says of a command that a server does which settings of its own environment are of no effect.</summary>
internal static class UnusedSettings
{
    /// <summary>Prints a note to the standard error stream if there are any. What is wrong with the server is told by what the command asks of it.</summary>
    public static async Task NoteAsync(ApiClient server, Application application, PlatformRole role, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> given = WorkSettings.Given(application.Configuration, role);
        if (given.Count == 0)
        {
            return;
        }

        try
        {
            JsonElement differing = await server.PostAsync(SettingsEndpoint.Path, given, cancellationToken).ConfigureAwait(false);
            if (differing.GetArrayLength() > 0)
            {
                string names = string.Join(", ", differing.EnumerateArray().Select(name => SettingsSources.Variable(name.GetString()!)));
                await ErrorOutput.LineAsync(
                    $"note: the server at {server.Elsewhere} does this by its own settings. It has others than {names} of this command, which "
                    + $"{(differing.GetArrayLength() == 1 ? "is" : "are")} not used. Start the server with what you want.").ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is CommandException or JsonException)
        {
            // It does not answer, it is of a version that cannot tell, or the key may not ask.
        }
    }
}
