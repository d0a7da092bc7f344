// Reports of audits: asks again whenever the store has changed, and builds the page anew only when a report is new.

import { ApiError, get } from "./api.js";
import { element, number, plural, time } from "./format.js";

const RefreshEvery = 5000, ListedReports = 20;
const byId = id => document.getElementById(id);
const state = { sequence: null, shown: null };

const cell = (content, kind = "") => element("td", { class: kind }, content);

const verdictOf = check => check.verdict === "failed" ? (check.severity === "block" ? "blocks" : "warns")
  : check.verdict === "passed" ? "passed" : "not applied";

// Integers beyond 53 bits keep their digits, and are quoted where a browser cannot write them otherwise.
const exact = (_, item) => typeof item === "bigint" ? JSON.rawJSON?.(item.toString()) ?? item.toString() : item;

// Rows are shown as they are; whatever they hold stays text.
function samples(check) {
  if (check.sampleRows.length === 0) return [];
  const summary = check.failingRows === null ? plural(check.sampleRows.length, "row") : `${number(check.sampleRows.length)} of ${plural(check.failingRows, "failing row")}`;
  return [element("details", { open: "" }, element("summary", {}, summary),
    ...check.sampleRows.map(row => element("pre", {}, JSON.stringify(row, exact))))];
}

function line(check) {
  const verdict = verdictOf(check);
  return element("tr", {},
    cell(element("span", { class: `badge ${verdict.replace(" ", "-")}` }, verdict)),
    cell(check.severity),
    cell(check.name, "text"),
    cell(check.expected ?? "–", "text"),
    cell(number(check.observed), "number"),
    cell(number(check.failingRows), "number"),
    cell(element("div", {}, element("p", { class: "message" }, check.message), ...samples(check)), "wide"));
}

// What a person looks for first stands first; the rest stays in the order of the audit.
const rank = check => ["blocks", "warns"].indexOf(verdictOf(check)) + 1 || 3;

function report(audit) {
  const checks = audit.checks.filter(check => byId("shown").value === "all" || check.verdict === "failed").sort((a, b) => rank(a) - rank(b));
  const failed = audit.checks.filter(check => check.verdict === "failed").length;
  const title = `report-${audit.generation}`;
  const columns = ["verdict", "severity", "check", "expected", "observed", "failing", "what was found"];
  return element("section", { class: "card", "aria-labelledby": title },
    element("div", { class: "card-head" }, element("div", {},
      element("h2", { id: title }, `Generation ${number(audit.generation)} `, element("span", { class: `badge ${audit.outcome}` }, audit.outcome)),
      element("p", { class: "sub" }, `audited ${time(audit.auditedAt)} UTC · ${plural(audit.checks.length, "check")}, ${number(failed)} failed`))),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": title }, element("table", {},
      element("thead", {}, element("tr", {}, ...columns.map(name => element("th", { scope: "col", class: name === "observed" || name === "failing" ? "number" : "" }, name)))),
      element("tbody", {}, ...(checks.length > 0 ? checks.map(line)
        : [element("tr", {}, element("td", { class: "empty", colspan: String(columns.length) }, "No check failed."))])))));
}

async function refresh(isNew) {
  try {
    const answer = await get("/api/streams");
    if (!byId("stream").value) {
      byId("stream").replaceChildren(...answer.streams.map(item => element("option", { value: item.stream }, item.stream)));
      const wanted = decodeURIComponent(location.hash.slice(1));
      if (answer.streams.some(item => item.stream === wanted)) byId("stream").value = wanted;
    }
    if (isNew || answer.commitSequence !== state.sequence) await show();
    state.sequence = answer.commitSequence;
    byId("banner").hidden = true;
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    state.sequence = null;
    byId("banner").textContent = error.message;
    byId("banner").hidden = false;
  }
}

async function show() {
  const stream = byId("stream").value, audits = stream ? await get("/api/quality", { stream, limit: ListedReports }) : [];
  const content = `${stream} ${byId("shown").value} ${audits.map(audit => `${audit.generation} ${audit.auditedAt}`)}`;
  if (content === state.shown) return;
  state.shown = content;
  byId("reports").replaceChildren(...audits.map(report));
  byId("none").hidden = audits.length > 0;
}

byId("controls").addEventListener("change", () => {
  history.replaceState(null, "", `#${encodeURIComponent(byId("stream").value)}`);
  refresh(true);
});
byId("controls").addEventListener("submit", event => event.preventDefault());
document.addEventListener("visibilitychange", () => document.hidden || refresh(false));
setInterval(() => document.hidden || refresh(false), RefreshEvery);
refresh(true);
