using System.Text.Json;
using Lambda.Hosting.Commands;

namespace Lambda.Hosting.Client;

/// <summary>Values of enums in answers of the API, which writes them as words.</summary>
internal static class AnswerEnums
{
    /// <summary>The value that a member of an answer has.</summary>
    /// <exception cref="CommandException">It is a word that this program does not know.</exception>
    public static T GetEnum<T>(this JsonElement answer, string member)
        where T : struct, Enum => Enum.TryParse(answer.GetProperty(member).GetString(), ignoreCase: true, out T value)
            ? value
            : throw new CommandException(
                $"The server answered {member} {answer.GetProperty(member).GetRawText()}, which this program does not know. Give the command by the program that the server runs.");
}
