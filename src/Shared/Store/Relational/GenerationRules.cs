using Lambda.Views;

namespace Lambda.Store.Relational;

/// <summary>What may be done with a generation.</summary>
internal static class GenerationRules
{
    /// <summary>For how many of the newest generations what later runs go on from is kept.</summary>
    public const int KeptBases = 20;

    /// <summary>Requires that a generation was begun with a view version.</summary>
    /// <exception cref="ViewStoreException">It was not.</exception>
    public static void RequireView(GenerationInfo generation, PartialLayout view)
    {
        if (!generation.Holds(view))
        {
            throw new ViewStoreException(
                $"Generation {generation.Generation} of stream '{generation.Stream}' was begun without version {view.Version} of view '{view.View}' "
                + $"of stream '{view.Stream}'.");
        }
    }

    /// <summary>Requires that a generation can be begun with what another one holds.</summary>
    /// <exception cref="ViewStoreException">The other one is not the current one, or lacks a view.</exception>
    public static void RequireCarriable(string stream, GenerationPlan plan, GenerationInfo? current)
    {
        if (plan.BasedOn is { } given && (current?.Generation != given.Generation
            || !plan.Views.All(current.Holds)))
        {
            throw new ViewStoreException(
                $"A generation of stream '{stream}' was to carry over generation {given.Generation}, but current is {current?.Generation.ToString() ?? "none"}, "
                + "or it holds other versions of the views. Compute it from everything.");
        }
    }

    /// <summary>Requires that the audit of a generation lets it go live.</summary>
    /// <exception cref="ViewStoreException">It blocks it.</exception>
    public static void RequirePublishable(GenerationInfo generation, AuditReport report)
    {
        if (report.Outcome == AuditOutcome.Blocked)
        {
            throw new ViewStoreException(
                $"The audit of generation {generation.Generation} of stream '{generation.Stream}' blocks it; it can only be rejected.");
        }
    }
}
