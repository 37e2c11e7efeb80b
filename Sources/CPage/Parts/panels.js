// The headline, the figures of the moment, the hints, and the room in memory and on disks.

const tones = {
  serving_well: "good", filling: "busy", too_small: "warn", not_used: "warn", cut_off: "bad", degraded: "bad", draining: "busy",
};
const diskTones = { ok: "good", serving: "good", waiting: "warn", read_only: "bad", off: "bad" };

function setHeadline(tone, title, why, change) {
  byId("headline").dataset.tone = tone;
  say(byId("title"), title);
  say(byId("why"), why);
  byId("change").hidden = change === "";
  say(byId("change-text"), change);
  document.title = `${title} · lmcache-server`;
}

function showHeadline(feed) {
  const headline = object(feed.headline);
  setHeadline(tones[headline.state] ?? "busy", words(headline.title) || "Running", words(headline.why), words(headline.change));
}

function showFigures(feed) {
  const recent = object(feed.recent), memory = object(feed.memory), connections = object(feed.connections);
  const asked = number(recent.hits_memory) + number(recent.hits_disk) + number(recent.misses);
  const hits = number(recent.hits_memory) + number(recent.hits_disk);
  // Steps come a little late: what covers about a minute is called one.
  const span = recent.seconds >= 55 && recent.seconds <= 75 ? "minute" : duration(recent.seconds);
  const chunks = list(feed.models).reduce((sum, row) => sum + number(row?.memory_chunks) + number(row?.disk_chunks), 0);
  const figures = [
    ["Hit ratio", percent(share(hits, asked)), asked > 0 ? `${count(hits)} of ${count(asked)} in the last ${span}` : `nothing asked in the last ${span}`],
    ["Going out", rate(recent.read_bytes_per_second), `the last ${span}`],
    ["Coming in", rate(recent.written_bytes_per_second), `the last ${span}`],
    ["Held", count(chunks), `${chunks === 1 ? "chunk" : "chunks"}, ${heldText(feed)}`],
    ["Memory", percent(share(memory.used_bytes, memory.budget_bytes)), `${bytes(memory.used_bytes)} of ${bytes(memory.budget_bytes)}`],
    ["Connections", count(connections.now), `of ${count(connections.limit)}`],
  ];
  byId("figures").replaceChildren(...figures.map(([title, value, more]) =>
    node("div", null, node("dt", null, title), node("dd", null, value, node("small", null, more)))));
}

function heldText(feed) {
  const tokens = list(feed.models).map((row) => row?.tokens);
  const known = tokens.filter(isNumber);
  if (known.length === 0) return tokens.length > 0 ? "tokens unknown" : "0 tokens";
  const sum = known.reduce((total, each) => total + each, 0);
  return `${known.length < tokens.length ? "at least " : ""}${count(sum)} tokens`;
}

function showHints(feed) {
  const hints = list(feed.hints).map(object);
  byId("hints").hidden = hints.length === 0;
  const said = JSON.stringify(hints);
  if (byId("hint-list").dataset.said === said) return;
  byId("hint-list").dataset.said = said;
  byId("hint-list").replaceChildren(...hints.map((hint) => {
    const advice = words(hint.advice);
    return node("li", null, node("p", null, sentence(words(hint.text))), advice ? node("p", null, sentence(advice)) : null);
  }));
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function showRoom(feed) {
  byId("room").replaceChildren(memoryPart(object(feed.memory)), ...list(feed.disks).map((disk) => diskPart(object(disk))));
}

function memoryPart(memory) {
  const values = share(memory.value_bytes, memory.budget_bytes) ?? 0;
  const used = share(memory.used_bytes, memory.budget_bytes) ?? 0;
  const beside = Math.max(0, number(memory.used_bytes) - number(memory.value_bytes));
  return node("div", { class: "store" },
    node("div", { class: "store-name" }, node("b", null, "Memory"),
      node("span", null, `${bytes(memory.used_bytes)} of ${bytes(memory.budget_bytes)}`)),
    bar([["series-memory", values], ["soft", Math.max(0, used - values)]]),
    node("p", null, `${counted(memory.chunks, "chunk", "chunks")} in ${bytes(memory.value_bytes)}; ${bytes(beside)} beside them: index, connections, bodies on their way`));
}

function diskPart(disk) {
  const state = words(disk.state) || "unknown";
  const failures = number(disk.checksum_failures);
  const queue = number(disk.queue_bytes) > 0 ? `, ${bytes(disk.queue_bytes)} waiting to be written` : "";
  const facts = `${counted(disk.chunks, "chunk", "chunks")}; ${bytes(disk.written_bytes)} written, ${bytes(disk.read_bytes)} read${queue}; `;
  return node("div", { class: "store" },
    node("div", { class: "store-name" },
      node("span", null, node("b", null, "Disk ", named(disk.path)), " ",
        node("span", { class: "state", "data-tone": diskTones[state] ?? "quiet" }, state.replaceAll("_", " "))),
      node("span", null, `${bytes(disk.used_bytes)} of ${bytes(disk.size_bytes)}`)),
    bar([["series-disk", share(disk.used_bytes, disk.size_bytes) ?? 0]]),
    node("p", null, facts, failures > 0 ? node("b", null, counted(failures, "checksum failure", "checksum failures")) : "no checksum failures"),
    words(disk.reason) ? node("p", null, node("b", null, named(disk.reason))) : null);
}
