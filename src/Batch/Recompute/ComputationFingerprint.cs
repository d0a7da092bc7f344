using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Quality;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Stands for everything that decides what becomes of an event: the views, as an expression of one that throws takes the event from all of them, the row checks,
/// what makes a repetition, and the code of the user's that expressions and aggregates call. Two of the same text give the same generation of the same history.
/// </summary>
internal static class ComputationFingerprint
{
    /// <summary>Rises when the same definition comes to give other partials.</summary>
    private const int Kernel = 1;

    /// <summary>The first 64 bits of SHA-256 over the canonical text.</summary>
    public static string Of(StreamDefinition stream)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"kernel {Kernel}\nid {stream.EventId?.Path}\ntime {stream.EventTime.Path}\npartitions {stream.Partitions}\n");
        foreach (EventMember member in stream.Schema.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"member {member.Path} {member.ClrType.FullName} {member.IsNullable}\n");
        }

        foreach (ViewDefinition view in stream.Views)
        {
            text.Append(CultureInfo.InvariantCulture, $"view {view.Name} {view.Layout.Version}\n");
        }

        foreach (RowCheck check in stream.RowChecks)
        {
            text.Append(CultureInfo.InvariantCulture, $"check {check.Name} {ExpressionText.Of(check.Condition)}\n");
        }

        foreach (Guid module in CalledCode.ModulesOf(stream).Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"code {module}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    /// <summary>
    /// Finds modules with code that expressions call. A module has another id whenever it is built from other code. Members of events are read from columns and
    /// are no code; the framework's is taken to stay what it is.
    /// </summary>
    private sealed class CalledCode : ExpressionVisitor
    {
        private readonly HashSet<PropertyInfo> _columns;
        private readonly HashSet<Guid> _modules = [];

        private CalledCode(StreamDefinition stream) => _columns = [.. Properties(stream.Schema.All)
            .Concat(stream.Views.Where(view => view.Flattening is not null).SelectMany(view => Properties(view.Flattening!.Schema.All)))];

        public static HashSet<Guid> ModulesOf(StreamDefinition stream)
        {
            CalledCode code = new(stream);
            foreach (ViewDefinition view in stream.Views)
            {
                code.Visit(view.Filter);
                foreach (KeyDefinition key in view.Keys)
                {
                    code.Visit(key.Selector);
                }

                foreach (AggregateDefinition aggregate in view.Aggregates)
                {
                    code.Visit(aggregate.Selector);
                    foreach (Type type in aggregate.Function.Code)
                    {
                        code.Add(type.Module);
                    }
                }
            }

            foreach (RowCheck check in stream.RowChecks)
            {
                code.Visit(check.Condition);
            }

            return code._modules;
        }

        protected override Expression VisitMember(MemberExpression node)
        {
            if (node.Member is not PropertyInfo property || !_columns.Any(column => column.HasSameMetadataDefinitionAs(property)))
            {
                Add(node.Member.Module);
            }

            return base.VisitMember(node);
        }

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            Add(node.Method.Module);
            return base.VisitMethodCall(node);
        }

        protected override Expression VisitBinary(BinaryExpression node)
        {
            Add(node.Method?.Module);
            return base.VisitBinary(node);
        }

        protected override Expression VisitUnary(UnaryExpression node)
        {
            Add(node.Method?.Module);
            return base.VisitUnary(node);
        }

        protected override Expression VisitNew(NewExpression node)
        {
            Add(node.Type.Module);
            return base.VisitNew(node);
        }

        protected override Expression VisitConstant(ConstantExpression node)
        {
            if (node.Value is Delegate called)
            {
                Add(called.Method.Module);
            }

            return base.VisitConstant(node);
        }

        private static IEnumerable<PropertyInfo> Properties(IEnumerable<EventMember> members) =>
            members.Where(member => member.Parent is not { Kind: MemberKind.List }).Select(member => member.Property);

        private void Add(Module? module)
        {
            if (module is not null && module.Assembly.GetName().Name is not ("System" or "mscorlib" or "netstandard")
                && module.Assembly.GetName().Name?.StartsWith("System.", StringComparison.Ordinal) != true)
            {
                _modules.Add(module.ModuleVersionId);
            }
        }
    }
}
