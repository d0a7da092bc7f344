using Lambda.Views;

namespace Lambda.Store.Relational;

/// <summary>What may be done with a generation.</summary>
internal static class GenerationRules
{
    /// <summary>Requires that a generation was begun with a view version.</summary>
    /// <exception cref="ViewStoreException">It was not.</exception>
    public static void RequireView(GenerationInfo generation, PartialLayout view)
    {
        if (view.Stream != generation.Stream || generation.ViewVersions.GetValueOrDefault(view.View) != view.Version)
        {
            throw new ViewStoreException(
                $"Generation {generation.Generation} of stream '{generation.Stream}' was begun without version {view.Version} of view '{view.View}' "
                + $"of stream '{view.Stream}'.");
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
