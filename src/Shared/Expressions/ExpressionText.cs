using System.Collections;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Text;

namespace Lambda.Expressions;

/// <summary>
/// The text of a folded expression for hashing and comparing: the same for equal expressions, in every culture and process. Methods count by
/// their full name, not by what is inside them.
/// </summary>
internal sealed class ExpressionText : ExpressionVisitor
{
    private readonly StringBuilder _text = new();

    private ExpressionText()
    {
    }

    public static string Of(LambdaExpression? lambda)
    {
        if (lambda is null)
        {
            return "";
        }

        ExpressionText writer = new();
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

    private void AppendMember(MemberInfo? member) => _text.Append(member?.DeclaringType).Append('.').Append(member).Append(' ');

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
                _text.Append(BitConverter.DoubleToInt64Bits(number));
                break;
            case DateTime or DateTimeOffset:
                _text.Append(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                break;
            case IFormattable formattable:
                _text.Append(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            case IEnumerable items:
                _text.Append('[');
                foreach (object? item in items)
                {
                    AppendValue(item);
                    _text.Append(',');
                }

                _text.Append(']');
                break;
            default:
                _text.Append(value.GetType());
                break;
        }
    }
}
