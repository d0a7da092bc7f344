// The console: asks again whenever the store has changed, and touches the page only where an answer differs from what is shown.

import { address, ApiError, get, post } from "./api.js";
import { WindowChart, withoutStragglers } from "./chart.js";
import { element, number, plural, span, value } from "./format.js";
import { showCorrections, showRows, showStats } from "./tables.js";

const RefreshEvery = 2000, ChartedWindows = 2000, ListedRows = 200, ListedCorrections = 200;
const byId = id => document.getElementById(id);
const state = { views: [], view: null, picked: null, sequence: null, stale: true, runNotice: "", note: "", shown: {} };
const chart = new WindowChart(byId("chart"), pick);

// Additive aggregates can be summed over keys, so what a roll-up was before its corrections is known.
const isAdditive = aggregate => /^(count|sum)\b/.test(aggregate.function);

function filter() {
  const parameters = {};
  for (const input of byId("keys").querySelectorAll("input")) {
    if (input.value !== "") parameters[`key.${input.name}`] = input.value;
  }
  const instant = id => byId(id).value ? `${byId(id).value}Z` : undefined;
  return { ...parameters, from: instant("from"), to: instant("to") };
}

const aggregate = () => state.view.aggregates.find(candidate => candidate.name === byId("aggregate").value) ?? state.view.aggregates[0];

// Runs an update when its content is new: the page neither flickers nor loses a selection.
function whenNew(name, content, update) {
  const text = JSON.stringify(content, (_, item) => typeof item === "bigint" ? item.toString() : item);
  if (state.shown[name] !== text) {
    state.shown[name] = text;
    update();
  }
}

function chooseView(name) {
  state.view = state.views.find(view => view.view === name) ?? state.views[0];
  state.picked = null;
  byId("view").value = state.view.view;
  byId("aggregate").replaceChildren(...state.view.aggregates.map(item => element("option", { value: item.name }, item.name)));
  byId("keys").replaceChildren(...state.view.keys.map(key => {
    const list = element("datalist", { id: `known-${key.name}` });
    return element("label", { class: "field" }, key.name,
      element("input", { name: key.name, type: "text", placeholder: "all", autocomplete: "off", list: list.id, spellcheck: "false" }), list);
  }));
}

function pick(point) {
  state.picked = { from: point.start, to: point.end };
  invalidate();
}

function invalidate() {
  state.stale = true;
  refresh();
}

// Windows that every key cuts by its own events: keys have none in common to add up.
const isPerKey = view => ["session", "count"].includes(view.window.form);

const isOneKey = () => state.view.keys.every(key => filter()[`key.${key.name}`] !== undefined);

function beforeOf(row, corrections) {
  const name = aggregate().name;
  const own = corrections.filter(item => item.windowStart === row.windowStart && item.generation === row.correctedBy);
  if (own.length === 0) return null;
  if (isOneKey()) return own[0].before ? Number(own[0].before[name]) : 0;
  if (!isAdditive(aggregate())) return null;
  const change = own.reduce((sum, item) => sum + Number(item.after?.[name] ?? 0) - Number(item.before?.[name] ?? 0), 0);
  return Number(row.values[name]) - change;
}

function points(rows, corrections) {
  const name = aggregate().name;
  return rows.map(row => {
    const events = Number(row.provenance.batchEvents) + Number(row.provenance.speedEvents);
    const figure = Number(row.values[name] ?? NaN);
    return {
      start: row.windowStart, end: row.windowEnd, exact: row.values[name], value: Number.isFinite(figure) ? figure : null,
      share: events > 0 ? Number(row.provenance.batchEvents) / events : 0,
      status: row.status, correctedBy: row.correctedBy, before: row.correctedBy === null ? null : beforeOf(row, corrections), provenance: row.provenance,
    };
  });
}

function showChart(answer, corrections) {
  const hasChart = !isPerKey(state.view) || isOneKey();
  const all = hasChart ? points([...answer.rows].reverse(), corrections.corrections) : [], windows = withoutStragglers(all);
  chart.show(windows, aggregate().name);
  const keys = Object.entries(filter()).filter(([name]) => name.startsWith("key.")).map(([name, text]) => `${name.slice(4)} = ${value(text)}`);
  const corrected = windows.filter(point => point.correctedBy !== null).length;
  byId("chart-title").textContent = `${state.view.view}: ${aggregate().name}`;
  byId("chart-sub").textContent = windows.length === 0 ? "" : [
    keys.join(", ") || (state.view.keys.length > 0 ? "all keys" : ""), plural(windows.length, "window"), `${number(corrected)} corrected`,
    span(windows[0].start, windows.at(-1).end), answer.truncated ? "the newest only" : "",
    all.length > windows.length ? `${plural(all.length - windows.length, "window")} long before left out` : "",
  ].filter(text => text).join(" · ");
  byId("chart-empty").hidden = windows.length > 0;
  byId("chart-empty").textContent = !hasChart
    ? `Every key has windows of its own (${state.view.window.form}). Give ${state.view.keys.map(key => key.name).join(" and ")} to see them as a chart.`
    : Object.values(filter()).some(text => text)
    ? "No windows match. Widen the time range or clear the key."
    : `No windows yet. Send events: POST /api/streams/${state.view.stream}/events`;
}

function showNames(rows) {
  for (const key of state.view.keys) {
    const known = [...new Set(rows.map(row => row.key[key.name]).filter(part => typeof part === "string"))].sort();
    byId(`known-${key.name}`)?.replaceChildren(...known.map(text => element("option", { value: text })));
  }
}

async function load() {
  const view = state.view, base = `/api/views/${encodeURIComponent(view.view)}`, wanted = filter();
  const listed = { ...wanted, ...state.picked, order: "-windowStart", limit: ListedRows };
  const charted = isPerKey(view) ? { limit: isOneKey() ? ChartedWindows : 1 } : { rollup: "true", limit: ChartedWindows };
  const [windows, rows, corrections, compared] = await Promise.all([
    get(base, { ...wanted, ...charted, order: "-windowStart" }),
    get(base, listed),
    get(`${base}/corrections`, { from: wanted.from, to: wanted.to, ...keysOf(wanted), limit: ListedCorrections * 25 }),
    get(`${base}/compare`, { ...wanted, limit: 1 }),
  ]);
  if (view !== state.view) return;
  byId("as-csv").href = address(base, { ...listed, format: "csv" });
  byId("as-json").href = address(base, listed);
  whenNew("chart", [windows.rows, corrections.corrections, aggregate().name, wanted], () => showChart(windows, corrections));
  whenNew("rows", [rows.rows, view.view], () => {
    showRows(byId("rows"), view, rows.rows);
    showNames(rows.rows);
  });
  byId("all-windows").hidden = state.picked === null;
  byId("rows-sub").textContent = state.picked ? span(state.picked.from, state.picked.to) : rows.truncated ? `the newest ${number(ListedRows)}` : plural(rows.rows.length, "row");
  const own = corrections.corrections.filter(item => !state.picked || concerns(view, item, state.picked));
  whenNew("corrections", [own, aggregate().name, view.view], () =>
    showCorrections(byId("corrections"), view, aggregate().name, own.slice(0, ListedCorrections)));
  byId("corrections-sub").textContent = own.length === 0
    ? "What batch publications changed in served windows"
    : `${plural(own.length, "window")} changed by batch publications${corrections.truncated ? " and more" : ""}`;
  state.answer = windows;
  state.compared = compared;
  state.note = state.runNotice || (windows.completeness.complete ? "" : windows.completeness.reason);
}

// A session that was corrected may have begun and ended elsewhere than the present one.
const concerns = (view, correction, picked) => isPerKey(view)
  ? Date.parse(correction.windowStart) < Date.parse(picked.to) && Date.parse(correction.windowEnd) > Date.parse(picked.from)
  : correction.windowStart === picked.from;

const keysOf = parameters => Object.fromEntries(Object.entries(parameters).filter(([name]) => name.startsWith("key.")));

function showNotice(text, kind = "") {
  whenNew("banner", [text, kind], () => {
    byId("banner").textContent = text;
    byId("banner").className = `banner ${kind}`;
    byId("banner").hidden = !text;
  });
}

let busy = false, again = false;

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await get("/api/streams");
    if (state.views.length === 0) await start();
    const isNew = state.stale || answer.commitSequence !== state.sequence;
    state.stale = false;
    if (isNew) await load();
    state.sequence = answer.commitSequence;
    const stream = answer.streams.find(item => item.stream === state.view.stream);
    if (stream) whenNew("stats", [stream, state.view.window, state.answer?.lateEvents, state.compared?.totals], () =>
      showStats(byId("stats"), stream, state.view, state.answer, state.compared));
    const problems = (stream?.problems ?? []).join(" ");
    showNotice(problems || state.note, problems ? "" : "note");
    pulse("live", "live");
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    state.sequence = null;
    showNotice(error instanceof ApiError ? error.message : `The page failed: ${error.message}`);
    pulse("down", "no answer");
  } finally {
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function pulse(kind, text) {
  whenNew("pulse", [kind, text], () => {
    byId("pulse").className = `pulse ${kind}`;
    byId("pulse-text").textContent = text;
  });
}

async function start() {
  state.views = await get("/api/views");
  if (state.views.length === 0) throw new ApiError("The application declares no view.");
  byId("view").replaceChildren(...state.views.map(view => element("option", { value: view.view }, view.view)));
  chooseView(decodeURIComponent(location.hash.slice(1)));
}

async function runBatch() {
  const button = byId("run");
  button.disabled = true;
  try {
    let run = await post("/api/batch/runs", { stream: state.view.stream });
    while (run && (run.state === "queued" || run.state === "running")) {
      button.textContent = run.state === "queued" ? "Waiting…" : `${Math.round(100 * run.progress)} % ${run.step}`;
      await new Promise(resolve => setTimeout(resolve, 500));
      run = await get(`/api/batch/runs/${encodeURIComponent(run.runId)}`);
    }
    state.runNotice = run && run.state !== "published" ? `The batch run ended as ${run.state}. ${run.message ?? ""}` : "";
  } catch (error) {
    state.runNotice = error.message;
  } finally {
    button.disabled = false;
    button.textContent = "Run batch";
    invalidate();
  }
}

byId("view").addEventListener("change", event => {
  history.replaceState(null, "", `#${encodeURIComponent(event.target.value)}`);
  chooseView(event.target.value);
  invalidate();
});
byId("controls").addEventListener("change", event => {
  if (event.target.id !== "view") {
    state.picked = null;
    invalidate();
  }
});
byId("controls").addEventListener("submit", event => event.preventDefault());
byId("controls").addEventListener("reset", () => setTimeout(() => {
  chooseView(state.view?.view);
  invalidate();
}));
byId("all-windows").addEventListener("click", () => {
  state.picked = null;
  invalidate();
});
byId("run").addEventListener("click", runBatch);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), RefreshEvery);
refresh();
