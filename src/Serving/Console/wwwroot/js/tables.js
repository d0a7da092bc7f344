// The tables beneath the chart, and the figures above it.

import { element, number, plural, seconds, span, time, value } from "./format.js";

const cell = (content, kind = "") => element("td", { class: kind }, content);

// A key can be any text, of any length; one that is long scrolls within its cell.
const keyCell = (key, part) => cell(element("div", {}, key.type === "timestamp" ? time(part) : value(part)), "text");

const head = (...columns) => element("thead", {}, element("tr", {}, ...columns.map(([name, kind]) =>
  element("th", { scope: "col", class: kind ?? "" }, name))));

function share(provenance) {
  const total = Number(provenance.batchEvents) + Number(provenance.speedEvents) || 1;
  const batch = element("i", { class: "batch" }), speed = element("i", { class: "speed" });
  batch.style.width = `${100 * Number(provenance.batchEvents) / total}%`;
  speed.style.width = `${100 * Number(provenance.speedEvents) / total}%`;
  const text = `${number(provenance.batchEvents)} batch, ${number(provenance.speedEvents)} speed`;
  return element("div", { class: "split", role: "img", "aria-label": text, title: text }, batch, speed);
}

function none(table, columns, text) {
  table.replaceChildren(columns, element("tbody", {}, element("tr", {}, element("td", { class: "empty", colspan: "99" }, text))));
}

export function showRows(table, view, rows) {
  const columns = head(
    ...view.keys.map(key => [key.name]), ["window (UTC)"], ["status"], ["batch | speed"], ["late", "number"],
    ...view.aggregates.map(aggregate => [aggregate.name, "number"]));
  if (rows.length === 0) return none(table, columns, "No windows match.");
  table.replaceChildren(columns, element("tbody", {}, ...rows.map(row => element("tr", {},
    ...view.keys.map(key => keyCell(key, row.key[key.name])),
    cell(span(row.windowStart, row.windowEnd), "time"),
    cell(element("span", { class: `badge ${row.status}` }, row.status)),
    cell(share(row.provenance)),
    cell(row.provenance.lateEvents > 0 ? number(row.provenance.lateEvents) : "", "number"),
    ...view.aggregates.map(aggregate => cell(number(row.values[aggregate.name]), "number"))))));
}

export function showCorrections(table, view, aggregate, corrections) {
  const columns = head(...view.keys.map(key => [key.name]), ["window (UTC)"], [`${aggregate}: before → after`], ["why"], ["gen.", "number"]);
  if (corrections.length === 0) return none(table, columns, "No publication has changed a served window here yet.");
  table.replaceChildren(columns, element("tbody", {}, ...corrections.map(correction => element("tr", {},
    ...view.keys.map(key => keyCell(key, correction.key?.[key.name])),
    cell(span(correction.windowStart, correction.windowEnd), "time"),
    cell(element("span", { class: "change" },
      element("s", {}, correction.before ? number(correction.before[aggregate]) : "none"), " → ",
      element("strong", {}, correction.after ? number(correction.after[aggregate]) : "none"))),
    cell(element("span", {}, ...reasons(correction.reasons))),
    cell(number(correction.generation), "number")))));
}

function reasons(counts) {
  return Object.entries(counts).filter(([, count]) => Number(count) !== 0).flatMap(([reason, count]) =>
    [element("span", { class: `badge ${reason}` }, `${number(count)} ${reason === "duplicates" && Number(count) === 1 ? "duplicate" : reason}`), " "]);
}

export function showStats(list, stream, view, answer, compared) {
  const quarantined = Object.entries(stream.quarantined);
  const read = stream.partitions.reduce((sum, partition) => sum + partition.nextOffset, 0);
  const covered = stream.boundary.reduce((sum, offset) => sum + offset, 0);
  const stats = [
    ["Events read", number(stream.accepted), `${plural(stream.partitions.length, "partition")}`],
    ["Watermark", time(stream.watermark), "windows up to here are complete"],
    ["Lag", stream.lag ? plural(stream.lag.events, "event") : "unknown", stream.lag ? (stream.lag.events > 0 ? `oldest waits ${seconds(stream.lag.seconds)}` : "up to date") : "the log does not answer"],
    ["Generation", stream.generation === null ? "none yet" : number(stream.generation),
      stream.generation === null ? "no batch run has published" : `covers ${number(covered)} of ${plural(read, "offset")}`],
    ["Late", number(Number(answer?.lateEvents ?? 0) + Number(compared?.totals.reasons.late ?? 0)),
      `${number(compared?.totals.reasons.late ?? 0)} put right by batch, ${number(answer?.lateEvents ?? 0)} waiting${view.window.form === "sliding" ? "; an event counts in each window that refused it" : ""}`],
    ["Quarantined", number(quarantined.reduce((sum, [, count]) => sum + Number(count), 0)),
      quarantined.length > 0 ? quarantined.map(([reason, count]) => `${number(count)} ${reason}`).join(", ") : "no record refused"],
    ["Conservation", !compared?.comparable ? "–" : compared.totals.unexplained === 0 ? "holds" : "BROKEN",
      !compared?.comparable ? "after the first batch run" : compared.totals.unexplained === 0
        ? `${plural(compared.totals.differing, "window differs", "windows differ")}, all explained` : `${plural(compared.totals.unexplained, "window")} unexplained`],
  ];
  list.replaceChildren(...stats.map(([name, figure, note]) => element("div", { class: "stat" },
    element("dt", {}, name), element("dd", {}, figure), element("dd", { class: "note" }, note))));
}
