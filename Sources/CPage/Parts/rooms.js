// The curve of rooms: which share would have been found with another size of memory.

const roomsHeight = 176;

function showRooms(feed) {
  const rooms = object(feed.rooms);
  const curve = list(rooms.curve).map(object)
    .filter((point) => number(point.times) > 0 && isNumber(point.ratio))
    .sort((left, right) => left.times - right.times);
  byId("rooms-plot").hidden = curve.length === 0;
  byId("rooms-details").hidden = curve.length === 0;
  say(byId("rooms-say"), roomsSentence(rooms, curve, feed));
  if (curve.length === 0) return;
  fillTable(byId("rooms-table"), "Found with another size of memory", [["Memory", null], ["Found", "number"]],
    curve.map((point) => [timesText(point.times), percent(point.ratio)]));
  drawRooms(byId("rooms-plot"), curve);
}

const timesText = (times) => (times === 1 ? "as now" : `${Number(times.toFixed(2))} ×`);

function roomsSentence(rooms, curve, feed) {
  const holdsSeconds = feed.holds_seconds;
  // What memory lacks a disk may have.
  const place = list(feed.disks).length > 0 ? " in memory" : "";
  const holds = isNumber(holdsSeconds) ? `At this rate memory holds the last ${duration(holdsSeconds)}.` : "";
  const double = curve.find((point) => point.times === 2);
  if (curve.length === 0) return holds || "Nothing to say yet: chunks have to give way and be asked for again first.";
  if (!double || !isNumber(rooms.now)) return holds;
  const gain = double.ratio - rooms.now;
  const twice = gain < 0.01
    ? `Twice the memory would find hardly more${place} than now (${percent(rooms.now)}).`
    : `Twice the memory would find ${percent(double.ratio)}${place} instead of ${percent(rooms.now)}.`;
  return `${twice} ${holds}`.trim();
}

/// Doublings of memory are equally far apart.
function drawRooms(plot, curve) {
  const width = Math.floor(plot.clientWidth);
  if (width < 60) return;
  const left = 34, right = width - 34, top = 26, bottom = roomsHeight - 24;
  const exponents = curve.map((point) => Math.log2(point.times));
  const low = Math.min(-1, ...exponents), high = Math.max(1, ...exponents);
  const x = (exponent) => left + ((exponent - low) / (high - low)) * (right - left);
  const y = (ratio) => bottom - Math.min(1, Math.max(0, ratio)) * (bottom - top);
  const spoken = curve.map((point) => `${timesText(point.times)}: ${percent(point.ratio)}`).join(", ");
  const picture = shape("svg", {
    class: "series-memory", height: roomsHeight, viewBox: `0 0 ${width} ${roomsHeight}`, role: "img",
    "aria-label": `Found with another size of memory. ${spoken}`,
  });
  for (const ratio of [0, 0.5, 1]) {
    picture.append(shape("line", { class: "rule", x1: 0, x2: width, y1: Math.round(y(ratio)) + 0.5, y2: Math.round(y(ratio)) + 0.5 }));
  }
  const corners = curve.map((point, place) => `${x(exponents[place]).toFixed(1)},${y(point.ratio).toFixed(1)}`);
  picture.append(shape("path", { class: "stroke", d: `M${corners.join("L")}` }));
  curve.forEach((point, place) => {
    const at = x(exponents[place]);
    picture.append(shape("circle", { class: point.times === 1 ? "here" : "dot", cx: at, cy: y(point.ratio), r: 4 }));
    // The doublings and halvings are named; the table has the rest.
    if (!Number.isInteger(exponents[place])) return;
    picture.append(shape("text", { class: "value", x: at, y: y(point.ratio) - 10, "text-anchor": "middle" }, percent(point.ratio)));
    picture.append(shape("text", { x: at, y: roomsHeight - 6, "text-anchor": "middle" }, timesText(point.times)));
  });
  plot.replaceChildren(picture);
}
