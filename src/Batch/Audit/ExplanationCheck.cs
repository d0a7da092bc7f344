using System.Globalization;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Corrections;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit;

/// <summary>
/// Every event that a publication adds to or takes from a served window does so for a reason. Where the store does not hold what was published, a run over everything puts that right: it only warns
/// of windows whose partials were damaged. It only warns, too, where other records are refused than before.
/// </summary>
internal sealed class ExplanationCheck(IViewStore store) : IAuditCheck
{
    private const string Name = "explained corrections";
    private const int Samples = 5;

    public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
    {
        RunChanges changes = await subject.Changes.ConfigureAwait(false);
        IReadOnlyList<Correction> unexplained = changes.Unexplained;
        Dictionary<string, string?> excuses = subject.Stream.Definition.Views.ToDictionary(
            view => view.Name, view => GapExcuse.OfChanges(subject, subject.Speed.CurrentOf(view)?.Boundary ?? subject.Archive.Start), StringComparer.Ordinal);
        VerifiedGeneration? served = unexplained.Count > 0 && subject.Carried is null
            ? await new GenerationVerifier(store).RunAsync(subject.Stream.Definition, subject.Speed.Current, cancellationToken).ConfigureAwait(false)
            : null;
        string? refusals = unexplained.Count > 0 ? await new RefusalExcuse(store, subject, subject.From).FindAsync(cancellationToken).ConfigureAwait(false) : null;
        bool areExcused = unexplained.Count > 0 && unexplained.All(correction => ExcuseOf(correction) is not null)
            && changes.OtherDays.All(days => Excuse(days.View, days.Start, days.End) is not null);
        string message = unexplained.Count == 0
            ? $"All {changes.Count} corrections have their reasons."
            : $"In {changes.UnexplainedCount} windows the number of events changes without a reason, first in view '{unexplained[0].View}', key "
                + $"{unexplained[0].Key}: {Change(unexplained[0])}."
                + (areExcused ? ExcuseOf(unexplained[0]) : "");
        return
        [
            new CheckResult(
                Name,
                areExcused ? CheckSeverity.Warn : CheckSeverity.Block,
                unexplained.Count == 0 ? CheckVerdict.Passed : CheckVerdict.Failed,
                changes.UnexplainedCount,
                message,
                [.. unexplained.Take(Samples).Select(Sample)]),
        ];

        string? ExcuseOf(Correction correction) => Excuse(correction.View, correction.WindowStart, correction.WindowEnd);

        string? Excuse(string view, long start, long end) => excuses[view]
            ?? (served?.Damages.Any(damage => damage.Touches(view, start, end)) == true
                ? $" Generation {served.Generation} is not in the store as it was published ('batch verify' tells where): this puts it right."
                : refusals);
    }

    private static string Change(Correction correction) => correction.Before != correction.After
        ? $"{correction.Before ?? "nothing"} would become {correction.After ?? "nothing"}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"it would show {correction.Before ?? "nothing"} as before, but {Math.Abs(correction.Reasons.Unexplained)} of its events would be "
            + $"{(correction.Reasons.Unexplained > 0 ? "gone" : "new")}");

    private static string Sample(Correction correction) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"view":"{{correction.View}}","key":{{correction.Key}},"windowStart":"{{InstantText.Of(correction.WindowStart)}}","before":{{correction.Before ?? "null"}},"after":{{correction.After ?? "null"}},"late":{{correction.Reasons.Late}},"duplicates":{{correction.Reasons.Duplicates}},"quarantined":{{correction.Reasons.Quarantined}},"unexplained":{{correction.Reasons.Unexplained}}}
        """);
}
