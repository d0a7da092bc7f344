using System.Linq.Expressions;
using System.Text.Json;

namespace Lambda.Definition;

/// <summary>The members of an object that an expression constructs: <c>new { … }</c>, or a record by its constructor.</summary>
internal static class ConstructedMembers
{
    /// <summary>The names in answers, lower camel case, and what each member is given.</summary>
    public static IEnumerable<(string Name, Expression Value)> Of(NewExpression construction)
    {
        IEnumerable<string> names = construction.Members?.Select(member => member.Name)
            ?? construction.Constructor!.GetParameters().Select(parameter => parameter.Name!);
        return names.Select(JsonNamingPolicy.CamelCase.ConvertName).Zip(construction.Arguments);
    }
}
