using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Composes windows as they are before and after a publication, and tells what changes in them.</summary>
internal static class WindowChanges
{
    /// <summary>The windows whose results change or, of sessions, the borders, and those whose change in events has no reason, by start, then key.</summary>
    /// <param name="view">The view.</param>
    /// <param name="before">What the generation has that is served, in the order of <see cref="AsReadPartials.Order"/>.</param>
    /// <param name="speed">What the speed layer has behind it.</param>
    /// <param name="after">What the generation has that is to be published, likewise.</param>
    /// <param name="isWanted">Which windows are looked at.</param>
    public static List<(WindowAddress Window, Correction Correction)> Find(
        ViewDefinition view,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after,
        Func<WindowAddress, bool> isWanted)
    {
        WindowLedger wasServed = Ledger(before);
        wasServed.AddSpeed(speed);
        return Find(view, wasServed.Compose(TimeWindow.All), Ledger(after).Compose(TimeWindow.All), isWanted);

        WindowLedger Ledger(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation)
        {
            WindowLedger ledger = new(view, view.CountingOnly());
            foreach ((PartialKind kind, PartialBatch partials) in generation)
            {
                ledger.AddBatch(kind, partials);
            }

            return ledger;
        }
    }

    /// <summary>The same, of windows that are composed.</summary>
    public static List<(WindowAddress Window, Correction Correction)> Find(
        ViewDefinition view, WindowAccounts before, WindowAccounts after, Func<WindowAddress, bool> isWanted)
    {
        List<(WindowAddress, Correction)> changes = [];
        foreach (WindowRow window in before.All.Concat(after.All).Where(row => isWanted(row.Address)).DistinctBy(row => row.Address).OrderBy(row => row.Address))
        {
            WindowAddress address = window.Address;
            long unexplained = (before.Read(address)?.EventCount ?? 0) - (after.Read(address)?.EventCount ?? 0);
            if (unexplained != 0 || !before.IsServedAsIn(after, address))
            {
                WindowRow? shownBefore = before.Served(address);
                WindowRow? shownAfter = after.Served(address);
                RemovedEvents removed = after.RemovedAround(address) - before.RemovedAround(address);
                changes.Add((address, new Correction(
                    view.Name,
                    view.Layout.Version,
                    ResultJson.Key(view, address.Key),
                    address.Start,
                    window.End,
                    shownBefore is null ? null : ResultJson.Results(view, shownBefore),
                    shownAfter is null ? null : ResultJson.Results(view, shownAfter),
                    new CorrectionReasons(before.Late(address), removed.Duplicates, removed.Quarantined, unexplained),
                    address.First)));
            }
        }

        return changes;
    }
}
