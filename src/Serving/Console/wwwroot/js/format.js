// How values look. All times are UTC, as the platform has them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fraction = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

export function number(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "bigint") return whole.format(value);
  if (typeof value === "object") return structure(value);
  return typeof value === "number" ? (Number.isInteger(value) ? whole : fraction).format(value) : String(value);
}

// Results that are lists: the most frequent values, sets, histograms; those of users' own types as they are.
function structure(content) {
  if (Array.isArray(content)) return content.map(number).join(", ");
  if ("value" in content && "count" in content) return `${value(content.value)} (${number(content.count)})`;
  if ("isCut" in content) return content.values.map(value).join(", ") + (content.isCut ? ", …" : "");
  if (!("buckets" in content)) return JSON.stringify(content);
  return content.buckets.filter(bucket => Number(bucket.count) > 0)
    .map(bucket => `${bucket.from === null ? "" : number(bucket.from)}–${bucket.to === null ? "" : number(bucket.to)}: ${number(bucket.count)}`).join(", ");
}

export const short = value => compact.format(value);

export function value(content) {
  if (content === null || content === undefined) return "null";
  if (content === "") return "(empty)";
  if (typeof content === "number" || typeof content === "bigint") return number(content);
  return typeof content === "object" ? JSON.stringify(content) : String(content);
}

export function time(iso) {
  if (!iso) return "–";
  const instant = new Date(iso);
  return `${day.format(instant)}, ${clock.format(instant)}`;
}

export function span(start, end) {
  const from = new Date(start), to = new Date(end);
  const first = `${day.format(from)}, ${clock.format(from)}`;
  if (day.format(from) === day.format(new Date(to - 1))) {
    return `${first}–${clock.format(to) === "00:00" ? "24:00" : clock.format(to)}`;
  }
  return `${first} – ${day.format(to)}, ${clock.format(to)}`;
}

// Ticks of a time axis: the hour, and beneath it the day where one begins.
export function ticks(instants, step) {
  let last = "";
  return instants.map(at => {
    const instant = new Date(at * 1000);
    const date = shortDay.format(instant);
    if (step >= 86400) return date;
    const text = date === last ? clock.format(instant) : `${clock.format(instant)}\n${date}`;
    last = date;
    return text;
  });
}

export function seconds(duration) {
  if (duration < 1) return "under 1 s";
  if (duration < 120) return `${Math.round(duration)} s`;
  return duration < 7200 ? `${Math.round(duration / 60)} min` : `${Math.round(duration / 3600)} h`;
}

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${Number(count) === 1 ? one : many}`;

// Elements are built, never parsed: whatever a key holds stays text.
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, content] of Object.entries(properties)) {
    if (name === "class") node.className = content;
    else if (content !== undefined && content !== null) node.setAttribute(name, content);
  }
  node.append(...children);
  return node;
}
