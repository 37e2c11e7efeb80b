// The history as charts draw it: steps gathered into as many bins as a chart has room for.

const binsMax = 120;
const spanSecondsMin = 600;
const spanSecondsMax = 3600;

/// Rows of the feed by the names of their columns.
function historyRows(feed) {
  const history = object(feed.history);
  const columns = list(history.columns);
  return list(history.rows)
    .map((row) => Object.fromEntries(columns.map((name, place) => [name, number(list(row)[place])])))
    .filter((row) => row.at > 0)
    .sort((left, right) => left.at - right.at);
}

/// Bins begin at whole multiples of their length, so that a picture moves and does not flicker.
function gather(feed) {
  const step = Math.max(1, number(object(feed.history).step_seconds));
  const rows = historyRows(feed);
  const end = rows.length > 0 ? rows[rows.length - 1].at : number(feed.now);
  const first = rows.length > 0 ? rows[0].at - step : end;
  const span = Math.min(spanSecondsMax, Math.max(spanSecondsMin, end - first));
  const binSeconds = step * Math.max(1, Math.ceil(span / step / binsMax));
  const bins = new Map();
  for (const row of rows) {
    if (row.at <= end - span) continue;
    // Counted back from the last: the server's seconds are whole, and one more or less must not open a gap.
    const place = Math.round(end / step) - Math.round((end - row.at) / step);
    const start = Math.floor((place - 1) * step / binSeconds) * binSeconds;
    if (!bins.has(start)) bins.set(start, newBin(start));
    addRow(bins.get(start), row, step);
  }
  return { from: end - span, to: end, binSeconds, bins: [...bins.values()] };
}

function newBin(start) {
  return {
    start, seconds: 0, hits_memory: 0, hits_disk: 0, misses: 0, read_bytes: 0, written_bytes: 0, evictions: 0, used_bytes: 0,
    disk_bytes: 0, connections: 0,
  };
}

function addRow(bin, row, step) {
  bin.seconds += step;
  for (const name of ["hits_memory", "hits_disk", "misses", "read_bytes", "written_bytes", "evictions"]) {
    bin[name] += number(row[name]);
  }
  for (const name of ["used_bytes", "disk_bytes", "connections"]) bin[name] = number(row[name]);
}

/// The share of what was asked for; null where nothing was.
function found(bin, name) {
  return share(bin[name], bin.hits_memory + bin.hits_disk + bin.misses);
}

/// The round number at or above the largest of a chart, and in which steps its lines go up to it.
function roundScale(largest, isBytes) {
  if (!(largest > 0)) return { top: 1, lines: [0] };
  const base = isBytes ? 1024 : 1000;
  const power = base ** Math.max(0, Math.floor(Math.log(largest) / Math.log(base)));
  const steps = isBytes ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  const top = power * (steps.find((each) => each * power >= largest) ?? base);
  const parts = top % 2 === 0 ? 2 : 1;
  return { top, lines: Array.from({ length: parts + 1 }, (_, place) => (top / parts) * place) };
}
