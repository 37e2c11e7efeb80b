// Asks for the figures while somebody looks, and says so when no answer comes.

const pollMilliseconds = 3000;
const patienceMilliseconds = 5000;

const isBytes = true;
const charts = [
  new Chart({
    title: "Hit ratio", shape: "area", isStacked: true, top: () => 1, nothing: "Nothing was asked for.",
    series: [
      { name: "in memory", kind: "series-memory", format: percent, value: (bin) => found(bin, "hits_memory") },
      { name: "on disk", kind: "series-disk", format: percent, value: (bin) => found(bin, "hits_disk") },
    ],
  }),
  new Chart({
    title: "Throughput", shape: "area", isBytes, nothing: "Nothing moved.",
    series: [
      { name: "out", kind: "series-out", format: rate, value: (bin) => perSecond(bin.read_bytes, bin.seconds) },
      { name: "in", kind: "series-in", format: rate, value: (bin) => perSecond(bin.written_bytes, bin.seconds) },
    ],
  }),
  new Chart({
    title: "Memory, against its budget", shape: "area", isBytes, top: (feed) => number(object(feed.memory).budget_bytes) || null,
    nothing: "Nothing is held.",
    series: [{ name: "used", kind: "series-memory", format: bytes, value: (bin) => bin.used_bytes }],
  }),
  new Chart({
    title: "On disk", shape: "area", isBytes, nothing: "Nothing is on disk.",
    series: [{ name: "used", kind: "series-disk", format: bytes, value: (bin) => bin.disk_bytes }],
  }),
  new Chart({
    title: "Evictions", shape: "bars", nothing: "Nothing had to give way.",
    series: [{ name: "chunks per minute", kind: "series-quiet", format: count, value: (bin) => perSecond(bin.evictions * 60, bin.seconds) }],
  }),
  new Chart({
    title: "Connections", shape: "area", nothing: "Nobody was connected.",
    series: [{ name: "open", kind: "series-quiet", format: count, value: (bin) => bin.connections }],
  }),
];
const diskChart = charts[3];

function perSecond(amount, seconds) {
  return seconds > 0 ? amount / seconds : null;
}

function placeCharts(hasDisk) {
  if (hasDisk === diskChart.card.isConnected) return;
  if (hasDisk) charts[2].card.after(diskChart.card);
  else diskChart.card.remove();
}

function show(feed) {
  byId("rest").hidden = false;
  delete byId("rest").dataset.old;
  const gathered = gather(feed);
  placeCharts(list(feed.disks).length > 0);
  for (const part of [showHeadline, showFigures, showHints, showRoom, showModels, showClients, showConnections, showTotals, showIdentity, showRooms]) {
    part(feed);
  }
  for (const chart of charts) chart.show(feed, gathered);
}

let timer = 0, isAsking = false, answeredAt = null, lastFeed = null;

async function ask() {
  const patience = new AbortController();
  const end = setTimeout(() => patience.abort(), patienceMilliseconds);
  try {
    const answer = await fetch("status.json", { signal: patience.signal, cache: "no-store", credentials: "omit" });
    if (!answer.ok) return { why: `it answers ${answer.status}` };
    return { feed: object(await answer.json()) };
  } catch (problem) {
    if (problem.name === "AbortError") return { why: `nothing came within ${duration(patienceMilliseconds / 1000)}` };
    return { why: problem.name === "SyntaxError" ? "its answer is cut short" : "it cannot be reached" };
  } finally {
    clearTimeout(end);
  }
}

async function poll() {
  clearTimeout(timer);
  if (document.hidden || isAsking) return;
  isAsking = true;
  const { feed, why } = await ask();
  isAsking = false;
  timer = setTimeout(poll, pollMilliseconds);
  if (why) return tellSilence(why);
  answeredAt = new Date();
  lastFeed = feed;
  // What somebody copies must not be replaced beneath the hand.
  if (getSelection()?.isCollapsed === false && !byId("rest").hidden && !("old" in byId("rest").dataset)) {
    return tellLive("waiting", "Held still: text is selected");
  }
  tellLive("live", `Live · ${clock(answeredAt)}`);
  show(feed);
}

function tellLive(state, text) {
  byId("live").dataset.live = state;
  say(byId("live"), text);
}

/// The figures stay, marked as old: what was true at the end is what one looks for.
function tellSilence(why) {
  const since = answeredAt ? `Since ${clock(answeredAt)} ` : "";
  const rest = answeredAt ? " The figures below are of then." : "";
  tellLive("gone", answeredAt ? `No answer since ${clock(answeredAt)}` : "No answer");
  byId("rest").dataset.old = "";
  setHeadline("bad", "No answer", sentence(`${since}the server at ${location.host} has not answered: ${why}.${rest}`),
    `See whether it runs: lmcache-server probe ${location.hostname} ${location.port}`.trim());
}

function pauseOrGoOn() {
  if (document.hidden) {
    clearTimeout(timer);
    tellLive("waiting", "Paused");
  } else {
    poll();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  setTheme(currentTheme);
  say(byId("place"), location.host);
  byId("theme").addEventListener("click", nextTheme);
  byId("charts").append(...charts.map((chart) => chart.card));
  new ResizeObserver(() => lastFeed && showRooms(lastFeed)).observe(byId("rooms-plot"));
  document.addEventListener("visibilitychange", pauseOrGoOn);
  poll();
});
