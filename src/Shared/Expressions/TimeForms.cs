using System.Linq.Expressions;
using System.Text.RegularExpressions;

namespace Lambda.Expressions;

/// <summary>What the forms by which a text is read as a time say of its zone.</summary>
/// <param name="HaveZone">Whether all texts that are read name a zone.</param>
/// <param name="LackZone">Whether no text that is read names a zone.</param>
internal sealed record TimeForms(bool HaveZone, bool LackZone)
{
    /// <summary>Those of a text that is in any form.</summary>
    public static TimeForms Any { get; } = new(HaveZone: false, LackZone: false);

    /// <summary>The forms that an argument gives. Captured ones are known once they are folded; null of those that an event decides.</summary>
    public static TimeForms? In(Expression argument) => argument switch
    {
        ConstantExpression { Value: string form } => Of([form]),
        ConstantExpression { Value: string[] forms } => Of(forms),
        NewArrayExpression array when array.Expressions.All(form => form is ConstantExpression { Value: string }) =>
            Of([.. array.Expressions.Select(form => (string)((ConstantExpression)form).Value!)]),
        _ => null,
    };

    private static TimeForms Of(string[] forms) => new(forms.All(HasZone), !forms.Any(MayHaveZone));

    private static bool HasZone(string form) => form.Length == 1 ? form is "r" or "R" or "u" : Asks(form, "z", "Z", "GMT");

    /// <summary>The "K" in "o" takes a text with a zone and one without.</summary>
    private static bool MayHaveZone(string form) => form.Length == 1 ? form is "o" or "O" or "U" : Asks(form, "z", "Z", "K", "GMT");

    /// <summary>Whether a form has a part that stands for a zone. What is quoted stands for itself, even a "Z".</summary>
    private static bool Asks(string form, params string[] parts)
    {
        string plain = Regex.Replace(form, @"'[^']*'|""[^""]*""|\\.", "");
        return parts.Any(part => plain.Contains(part, StringComparison.Ordinal));
    }
}
