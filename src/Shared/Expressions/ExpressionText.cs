using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Lambda.Expressions;

/// <summary>
/// The text of a folded expression for hashing and comparing: the same for equal expressions, in every culture and process. Methods count by
/// their full name, not by what is inside them, and so do captured objects that are no values.
/// </summary>
internal sealed class ExpressionText : ExpressionVisitor
{
    private readonly StringBuilder _text = new();

    /// <summary>The parameters met so far, which are named by their order: two of one type must not read alike.</summary>
    private readonly List<ParameterExpression> _parameters = [];

    /// <summary>Conversions that C# writes into every comparison of enumerations, so that none of them asks for the number.</summary>
    private readonly HashSet<Expression> _compared = new(ReferenceEqualityComparer.Instance);
    private bool _isComplete = true;

    private ExpressionText()
    {
    }

    /// <summary>
    /// Whether expressions of this text compute the same: false when one holds an object of which the text does not tell all.
    /// </summary>
    public static bool IsComplete(LambdaExpression lambda)
    {
        ExpressionText writer = new();
        writer.Visit(lambda.Body);
        return writer._isComplete;
    }

    public static string Of(LambdaExpression? lambda)
    {
        if (lambda is null)
        {
            return "";
        }

        ExpressionText writer = new();
        writer._parameters.AddRange(lambda.Parameters);
        writer.Visit(lambda.Body);
        return writer._text.ToString();
    }

    public override Expression? Visit(Expression? node)
    {
        if (node is null)
        {
            _text.Append('_');
            return null;
        }

        _text.Append('(').Append(node.NodeType).Append(':').Append(node.Type).Append(' ');
        base.Visit(node);
        _text.Append(')');
        return node;
    }

    protected override Expression VisitConstant(ConstantExpression node)
    {
        AppendValue(node.Value);
        return node;
    }

    protected override Expression VisitMember(MemberExpression node)
    {
        AppendMember(node.Member);
        return base.VisitMember(node);
    }

    protected override Expression VisitMethodCall(MethodCallExpression node)
    {
        AppendMember(node.Method);
        if (node.Method.IsGenericMethod)
        {
            AppendHidden(node.Method, node.Method.GetGenericMethodDefinition());
        }

        return base.VisitMethodCall(node);
    }

    protected override Expression VisitNew(NewExpression node)
    {
        AppendMember(node.Constructor);
        return base.VisitNew(node);
    }

    protected override MemberBinding VisitMemberBinding(MemberBinding node)
    {
        AppendMember(node.Member);
        return base.VisitMemberBinding(node);
    }

    protected override Expression VisitParameter(ParameterExpression node)
    {
        int place = _parameters.IndexOf(node);
        if (place < 0)
        {
            place = _parameters.Count;
            _parameters.Add(node);
        }

        _text.Append(CultureInfo.InvariantCulture, $"#{place}");
        return node;
    }

    protected override Expression VisitLambda<T>(Expression<T> node)
    {
        // Before the body, so that parameters count in the order of their declaration.
        VisitAndConvert(node.Parameters, nameof(VisitLambda));
        return base.VisitLambda(node);
    }

    protected override Expression VisitBinary(BinaryExpression node)
    {
        if (node.NodeType is ExpressionType.Equal or ExpressionType.NotEqual
            or ExpressionType.LessThan or ExpressionType.LessThanOrEqual or ExpressionType.GreaterThan or ExpressionType.GreaterThanOrEqual)
        {
            AddCompared(node.Left);
            AddCompared(node.Right);
        }

        return base.VisitBinary(node);
    }

    protected override Expression VisitUnary(UnaryExpression node)
    {
        // Events hold the names of an enumeration, so what is made of its numbers changes with these, and no other text tells them.
        if (IsNumberOfEnum(node, out Type? members) && !_compared.Contains(node))
        {
            foreach (string name in Enum.GetNames(members).Order(StringComparer.Ordinal))
            {
                _text.Append(name).Append('=').Append(Enum.Format(members, Enum.Parse(members, name), "D")).Append(' ');
            }
        }

        return base.VisitUnary(node);
    }

    protected override Expression VisitTypeBinary(TypeBinaryExpression node)
    {
        _text.Append(node.TypeOperand).Append(' ');
        return base.VisitTypeBinary(node);
    }

    private static bool IsNumberOfEnum(UnaryExpression node, [NotNullWhen(true)] out Type? members)
    {
        members = Nullable.GetUnderlyingType(node.Operand.Type) ?? node.Operand.Type;
        Type target = Nullable.GetUnderlyingType(node.Type) ?? node.Type;
        return node.NodeType is ExpressionType.Convert or ExpressionType.ConvertChecked && members.IsEnum && target.IsValueType && target != members;
    }

    private void AddCompared(Expression operand)
    {
        if (operand is UnaryExpression conversion && IsNumberOfEnum(conversion, out Type? members)
            && (Nullable.GetUnderlyingType(conversion.Type) ?? conversion.Type) is var type && (type == typeof(int) || type == Enum.GetUnderlyingType(members)))
        {
            _compared.Add(conversion);
        }
    }

    private void AppendMember(MemberInfo? member) => _text.Append(member?.DeclaringType).Append('.').Append(member).Append(' ');

    /// <summary>
    /// Appends the types that a method is given and neither takes nor gives back: it says no more of them than their last names, and no value says the rest.
    /// </summary>
    private void AppendHidden(MethodInfo method, MethodInfo definition)
    {
        Type[] types = method.GetGenericArguments();
        foreach (Type parameter in definition.GetGenericArguments())
        {
            if (!Holds(definition.ReturnType, parameter) && !definition.GetParameters().Any(taken => Holds(taken.ParameterType, parameter)))
            {
                _text.Append(types[parameter.GenericParameterPosition]).Append(' ');
            }
        }
    }

    private static bool Holds(Type type, Type parameter) => type == parameter
        || (type.HasElementType && Holds(type.GetElementType()!, parameter))
        || (type.IsGenericType && type.GetGenericArguments().Any(argument => Holds(argument, parameter)));

    private void AppendValue(object? value)
    {
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case string text:
                _text.Append('"').Append(text.Length).Append(':').Append(text).Append('"');
                break;
            case double number:
                _text.Append(CultureInfo.InvariantCulture, $"{BitConverter.DoubleToInt64Bits(number)}");
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                _text.Append(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                break;
            case IFormattable formattable:
                _text.Append(formattable.ToString(null, CultureInfo.InvariantCulture));
                _isComplete &= CapturedValues.IsTold(formattable);
                break;
            case DictionaryEntry entry:
                AppendValue(entry.Key);
                _text.Append('=');
                AppendValue(entry.Value);
                break;
            case IDictionary entries:
                _text.Append('{');
                AppendSorted(Entries(entries));
                _text.Append('}');
                _isComplete &= CapturedValues.IsToldByMembers(entries);
                break;
            case ITuple tuple:
                _text.Append('<');
                for (int i = 0; i < tuple.Length; i++)
                {
                    AppendValue(tuple[i]);
                    _text.Append(',');
                }

                _text.Append('>');
                break;
            case Regex pattern:
                _text.Append(pattern.Options).Append(' ');
                AppendValue(pattern.ToString());
                break;
            case CultureInfo culture:
                AppendValue(culture.ToString());
                _isComplete &= CapturedValues.IsTold(culture);
                break;
            case TimeZoneInfo zone:
                AppendValue(zone.Id);
                _isComplete &= CapturedValues.IsTold(zone);
                break;
            case IEnumerable members when IsSet(value.GetType()):
                _text.Append('[');
                AppendSorted(members.Cast<object?>());
                _text.Append(']');
                _isComplete &= CapturedValues.IsToldByMembers(members);
                break;
            case IEnumerable items:
                _text.Append('[');
                foreach (object? item in items)
                {
                    AppendValue(item);
                    _text.Append(',');
                }

                _text.Append(']');
                _isComplete &= CapturedValues.IsTold(items);
                break;
            case Type type:
                _text.Append(type.AssemblyQualifiedName);
                break;
            default:
                _text.Append(value.GetType());
                _isComplete = false;
                break;
        }
    }

    /// <summary>
    /// Appends values in the order of their texts. Sets and dictionaries give them in one that tells nothing, and that hashes of strings, which differ from process to process,
    /// decide in some.
    /// </summary>
    private void AppendSorted(IEnumerable<object?> values)
    {
        List<string> texts = [];
        int start = _text.Length;
        foreach (object? value in values)
        {
            AppendValue(value);
            texts.Add(_text.ToString(start, _text.Length - start));
            _text.Length = start;
        }

        texts.Sort(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            _text.Append(text).Append(',');
        }
    }

    /// <summary>A dictionary's entries; as a sequence of objects it would give pairs of a type of its own.</summary>
    private static IEnumerable<object?> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return entry;
        }
    }

    private static bool IsSet(Type type) =>
        type.GetInterfaces().Any(implemented => implemented.IsGenericType && implemented.GetGenericTypeDefinition() == typeof(IReadOnlySet<>));
}
