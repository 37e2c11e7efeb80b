// A chart over time, drawn as SVG. Its figures are beneath it as a table, for those who do not see it.

const chartHeight = 184;
const chartEdge = { top: 16, right: 6, bottom: 22, left: 6 };
const tableRowsMax = 60;

/// `about`: title, series ([{ name, kind, value(bin), format }]), isStacked, shape ("area", "line", "bars"), isBytes, top(feed).
class Chart {
  constructor(about) {
    this.about = about;
    this.legend = node("ul", { class: "legend" });
    this.plot = node("div", { class: "plot" });
    this.table = node("table");
    this.details = node("details", null, node("summary", null, "Figures"),
      node("div", { class: "figures-table", tabindex: "0", role: "group", "aria-label": about.title }, this.table));
    this.card = node("section", { class: "card" }, node("h2", null, about.title), this.legend, this.plot, this.details);
    this.pointed = null;
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerdown", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.unpoint());
    this.details.addEventListener("toggle", () => this.fill());
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  show(feed, gathered) {
    this.feed = feed;
    this.gathered = gathered;
    this.draw();
    this.fill();
  }

  draw() {
    const width = Math.floor(this.plot.clientWidth);
    if (!this.gathered || width < 60) return;
    const { from, to, binSeconds, bins } = this.gathered;
    this.inner = { left: chartEdge.left, right: width - chartEdge.right, top: chartEdge.top, bottom: chartHeight - chartEdge.bottom };
    this.x = (at) => this.inner.left + ((Math.min(to, Math.max(from, at)) - from) / (to - from)) * (this.inner.right - this.inner.left);
    const stacks = bins.map((bin) => this.stack(bin));
    const largest = Math.max(0, ...stacks.flatMap((stack) => stack.map((part) => part?.upper ?? 0)));
    const fixed = this.about.top?.(this.feed);
    const scale = fixed ? { top: fixed, lines: [0, fixed / 2, fixed] } : roundScale(largest, this.about.isBytes);
    this.y = (value) => this.inner.bottom - (Math.min(value, scale.top) / scale.top) * (this.inner.bottom - this.inner.top);
    const picture = shape("svg", { height: chartHeight, viewBox: `0 0 ${width} ${chartHeight}`, role: "img", "aria-label": this.spoken() });
    this.about.series.forEach((series, place) => picture.append(...this.drawn(series, stacks.map((stack) => stack[place]))));
    picture.append(...this.rules(scale, width));
    this.cursor = shape("g");
    picture.append(this.cursor);
    const nothing = stacks.every((stack) => stack.every((part) => part === null || part.upper === 0));
    this.plot.replaceChildren(picture, ...(nothing ? [node("p", { class: "none" }, node("span", null, bins.length > 0 ? this.about.nothing : "The first figures come within 20 seconds."))] : []));
    this.tell();
  }

  /// Where each series of a bin begins and ends on the scale; null where there is nothing to say.
  stack(bin) {
    let base = 0;
    return this.about.series.map((series) => {
      const value = series.value(bin);
      if (value === null) return null;
      const lower = this.about.isStacked ? base : 0;
      base = lower + value;
      return { bin, lower, upper: base };
    });
  }

  drawn(series, parts) {
    const made = [];
    for (const run of this.runs(parts)) {
      if (this.about.shape === "bars") {
        made.push(...run.filter((part) => part.upper > 0).map((part) => this.column(series, part)));
        continue;
      }
      const upper = this.corners(run, "upper"), lower = this.corners(run, "lower").reverse();
      if (this.about.shape !== "line") {
        made.push(shape("path", { class: `area ${series.kind}`, d: `M${[...upper, ...lower].join("L")}Z` }));
      }
      made.push(shape("path", { class: `stroke ${series.kind}`, d: `M${upper.join("L")}` }));
    }
    return made;
  }

  /// Bins that follow one another without a gap; steps that come a little late leave one out now and then.
  runs(parts) {
    const runs = [];
    let last = null;
    for (const part of parts) {
      if (part === null) { last = null; continue; }
      if (last === null || part.bin.start - last.bin.start > 2 * this.gathered.binSeconds) runs.push([]);
      runs[runs.length - 1].push(part);
      last = part;
    }
    return runs;
  }

  /// From the beginning of the first bin by the middle of each to the end of the last.
  corners(run, edge) {
    const length = this.gathered.binSeconds;
    const corner = (at, part) => `${this.x(at).toFixed(1)},${this.y(part[edge]).toFixed(1)}`;
    const last = run[run.length - 1];
    return [
      corner(run[0].bin.start, run[0]), ...run.map((part) => corner(part.bin.start + length / 2, part)),
      corner(last.bin.start + length, last),
    ];
  }

  column(series, part) {
    const left = this.x(part.bin.start), right = this.x(part.bin.start + this.gathered.binSeconds);
    const top = this.y(part.upper), width = Math.max(1, right - left - 1);
    return shape("rect", { class: `solid ${series.kind}`, x: left, y: top, width, height: Math.max(1, this.y(part.lower) - top) });
  }

  rules(scale, width) {
    const made = [];
    for (const value of scale.lines) {
      const y = Math.round(this.y(value)) + 0.5;
      made.push(shape("line", { class: "rule", x1: 0, x2: width, y1: y, y2: y }));
      if (value > 0) made.push(shape("text", { x: 0, y: y - 4 }, this.about.series[0].format(value)));
    }
    const { from, to } = this.gathered;
    const wanted = Math.max(2, Math.floor(width / 110));
    const step = [60, 120, 300, 600, 900, 1200, 1800].find((each) => (to - from) / each <= wanted) ?? 3600;
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const x = this.x(at);
      if (x < 16 || x > width - 16) continue;
      made.push(shape("text", { x, y: chartHeight - 6, "text-anchor": "middle" }, minute(at)));
    }
    return made;
  }

  point(event) {
    if (!this.gathered || this.gathered.bins.length === 0) return;
    const { from, to, binSeconds, bins } = this.gathered;
    const along = (event.clientX - this.plot.getBoundingClientRect().left - this.inner.left) / (this.inner.right - this.inner.left);
    const at = from + along * (to - from) - binSeconds / 2;
    this.pointed = bins.reduce((best, bin) => (Math.abs(bin.start - at) < Math.abs(best.start - at) ? bin : best)).start;
    this.tell();
  }

  unpoint() {
    this.pointed = null;
    this.tell();
  }

  /// The legend tells the figures of the bin that is pointed at, else of the last.
  tell() {
    const { bins, binSeconds } = this.gathered;
    const bin = bins.find((each) => each.start === this.pointed) ?? bins[bins.length - 1];
    this.cursor.replaceChildren();
    if (bin && this.pointed === bin.start) {
      const x = Math.round(this.x(bin.start + binSeconds / 2)) + 0.5;
      this.cursor.append(shape("line", { class: "cursor", x1: x, x2: x, y1: this.inner.top, y2: this.inner.bottom }));
    }
    const entries = this.about.series.map((series) =>
      node("li", { class: series.kind }, node("i"), `${series.name} `, node("b", null, bin ? this.valueOf(series, bin) : dash)));
    if (bin && this.pointed === bin.start) entries.push(node("li", null, `at ${minute(bin.start)}`));
    this.legend.replaceChildren(...entries);
  }

  valueOf(series, bin) {
    const value = series.value(bin);
    return value === null ? dash : series.format(value);
  }

  spoken() {
    const { bins } = this.gathered;
    if (bins.length === 0) return `${this.about.title}: nothing yet`;
    const last = this.about.series.map((series) => `${series.name} ${this.valueOf(series, bins[bins.length - 1])}`);
    return `${this.about.title}, last: ${last.join(", ")}. Its figures are beneath it.`;
  }

  fill() {
    if (!this.details.open || !this.gathered) return;
    const columns = [["At", null], ...this.about.series.map((series) => [series.name, "number"])];
    const rows = this.gathered.bins.slice(-tableRowsMax).reverse().map((bin) =>
      [minuteOrClock(bin.start, this.gathered.binSeconds), ...this.about.series.map((series) => this.valueOf(series, bin))]);
    fillTable(this.table, this.about.title, columns, rows);
  }
}

const minuteOrClock = (at, seconds) => (seconds < 60 ? clock(new Date(at * 1000)) : minute(at));
