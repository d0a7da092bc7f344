// Bars per window, two-toned by where the events come from, with a mark on corrected windows and a line where the speed layer had stood.

import { element, number, plural, short, span, ticks } from "./format.js";

/* global uPlot */

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// light-dark() is resolved only where it is used as a colour.
function resolve(name) {
  const probe = element("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const used = getComputedStyle(probe).color;
  probe.remove();
  return used || colour(name);
}

// All but the few windows that lie so far before the others that those would be one line, as of an event with a wrong date.
export function withoutStragglers(points) {
  const at = points.map(point => Date.parse(point.start));
  for (let first = Math.floor(points.length / 20); first > 0; first--) {
    if (at[first] - at[first - 1] > 10 * (at.at(-1) - at[first])) return points.slice(first);
  }
  return points;
}

export class WindowChart {
  #host; #plot; #points = []; #name = ""; #tip; #onPick; #palette;

  constructor(host, onPick) {
    this.#host = host;
    this.#onPick = onPick;
    this.#tip = element("div", { class: "tip", hidden: "" });
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#rebuild());
  }

  // Points: { start, end, value, share, status, before, provenance } in order of time.
  show(points, name) {
    this.#points = points;
    this.#name = name;
    if (!this.#plot) this.#rebuild();
    else this.#plot.setData(this.#data());
    this.#host.hidden = points.length === 0;
  }

  #size() {
    return { width: this.#host.clientWidth || 600, height: this.#host.clientHeight || 300 };
  }

  #data() {
    const at = this.#points.map(point => Date.parse(point.start) / 1000);
    const total = this.#points.map(point => point.value);
    const batch = this.#points.map(point => point.value === null ? null : point.value * point.share);
    return [at, total, batch];
  }

  #width() {
    return this.#points.length === 0 ? 3600 : (Date.parse(this.#points[0].end) - Date.parse(this.#points[0].start)) / 1000;
  }

  #rebuild() {
    this.#plot?.destroy();
    this.#palette = Object.fromEntries(["batch", "speed", "corrected", "soft", "line"].map(name => [name, resolve(`--${name}`)]));
    const { batch, speed, soft, line } = this.#palette;
    const bars = uPlot.paths.bars({ size: [0.86, Infinity], align: 1 });
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    this.#plot = new uPlot({
      ...this.#size(),
      tzDate: at => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { range: (_, from, to) => [from, to + this.#width()] },
        y: { range: (_, low, high) => this.#extent(low, high) },
      },
      axes: [{ ...axis, grid: { show: false }, values: (_, instants, __, ___, step) => ticks(instants, step) }, { ...axis, size: 58, values: (_, levels) => levels.map(level => short(level)) }],
      series: [
        {},
        { label: "speed", fill: speed, width: 0, paths: bars, points: { show: false } },
        { label: "batch", fill: batch, width: 0, paths: bars, points: { show: false } },
      ],
      hooks: { draw: [plot => this.#mark(plot)], setCursor: [plot => this.#explain(plot)] },
    }, this.#data(), this.#host);
    this.#plot.over.append(this.#tip);
    this.#plot.over.addEventListener("mouseleave", () => { this.#tip.hidden = true; });
    this.#plot.over.addEventListener("click", () => {
      const point = this.#points[this.#indexAt(this.#plot.cursor.left)];
      if (point) this.#onPick(point);
    });
  }

  #extent(low, high) {
    const before = this.#points.map(point => point.before).filter(value => Number.isFinite(value));
    const least = Math.min(0, low ?? 0, ...before), greatest = Math.max(0, high ?? 0, ...before);
    const room = (greatest - least || 1) * 0.1;
    return [least < 0 ? least - room : 0, greatest + room];
  }

  #mark(plot) {
    const { ctx } = plot, ratio = devicePixelRatio, side = 4 * ratio;
    ctx.save();
    ctx.fillStyle = ctx.strokeStyle = this.#palette.corrected;
    ctx.lineWidth = 2 * ratio;
    const barWidth = Math.max(2 * ratio, 0.86 * Math.abs(plot.valToPos(this.#width(), "x", true) - plot.valToPos(0, "x", true)));
    for (const point of this.#points) {
      if (point.correctedBy === null || point.value === null) continue;
      const left = plot.valToPos(Date.parse(point.start) / 1000, "x", true), middle = left + barWidth / 2;
      const top = plot.valToPos(Math.max(point.value, point.before ?? point.value, 0), "y", true) - side * 1.8;
      ctx.beginPath();
      ctx.moveTo(middle, top - side);
      ctx.lineTo(middle + side, top);
      ctx.lineTo(middle, top + side);
      ctx.lineTo(middle - side, top);
      ctx.fill();
      if (Number.isFinite(point.before)) {
        const y = plot.valToPos(point.before, "y", true);
        ctx.beginPath();
        ctx.moveTo(left, y);
        ctx.lineTo(left + barWidth, y);
        ctx.stroke();
      }
    }
    ctx.restore();
  }

  // A bar begins at its window's start, so the window under the pointer is the last that begins before it.
  #indexAt(left) {
    if (left === undefined || left < 0) return -1;
    const at = this.#plot.posToVal(left, "x");
    const index = this.#points.findLastIndex(point => Date.parse(point.start) / 1000 <= at);
    return index >= 0 && at < Date.parse(this.#points[index].end) / 1000 ? index : -1;
  }

  #explain(plot) {
    const point = this.#points[this.#indexAt(plot.cursor.left)];
    this.#tip.hidden = !point;
    if (!point) return;
    const { batchEvents, speedEvents, lateEvents } = point.provenance;
    const lines = [
      span(point.start, point.end),
      `${plural(batchEvents, "event")} from batch, ${number(speedEvents)} from speed`,
      lateEvents > 0 ? `${plural(lateEvents, "late event")} for the next batch run` : "",
      point.correctedBy !== null ? `corrected by generation ${point.correctedBy}${Number.isFinite(point.before) ? `, was ${number(point.before)}` : ""}` : "",
      point.status === "open" ? "still open" : "",
    ].filter(text => text);
    this.#tip.replaceChildren(element("b", {}, `${this.#name} ${number(point.exact)}`), ...lines.map(text => element("span", {}, text)));
    const isRight = plot.cursor.left > plot.over.clientWidth / 2;
    this.#tip.style.left = isRight ? "auto" : `${plot.cursor.left + 14}px`;
    this.#tip.style.right = isRight ? `${plot.over.clientWidth - plot.cursor.left + 14}px` : "auto";
    this.#tip.style.top = "8px";
  }
}
