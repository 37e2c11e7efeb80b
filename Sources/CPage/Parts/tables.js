// Who holds what, who asks, and what was counted.

function showModels(feed) {
  const rows = list(feed.models).map(object);
  if (rows.length === 0) return tellEmpty("models", "Nothing is held, and nothing was asked for yet.");
  const bytesOf = (row) => number(row.memory_bytes) + number(row.disk_bytes);
  const largest = Math.max(1, ...rows.map(bytesOf));
  const right = "number";
  fillTable(byId("models"), "Held, by model",
    [["Model", null], ["In memory", right], ["On disk alone", right], ["Tokens", right], ["Hit ratio", right]],
    rows.map((row) => [row, number(row.hits) + number(row.misses)]).map(([row, asked]) => [
      [named(row.model), bar([["series-memory", number(row.memory_bytes) / largest], ["series-disk", number(row.disk_bytes) / largest]], true)],
      amount(bytes(row.memory_bytes), held(row.memory_chunks, row.memory_tokens)),
      amount(bytes(row.disk_bytes), held(row.disk_chunks, row.disk_tokens)),
      amount(count(row.tokens)),
      amount(percent(share(row.hits, asked)), asked > 0 ? `of ${count(asked)}` : "nobody asked"),
    ]));
}

function held(chunks, tokens) {
  const text = counted(chunks, "chunk", "chunks");
  return isNumber(tokens) && tokens > 0 ? `${text}, ${counted(tokens, "token", "tokens")}` : text;
}

function showClients(feed) {
  const rows = list(feed.clients).map(object);
  if (rows.length === 0) return tellEmpty("clients", "None to tell apart: nobody has come yet, or all come from one address.");
  fillTable(byId("clients"), "Clients",
    [["Address", null], ["Wrote", "number"], ["Read", "number"], ["Of it, what others wrote", "number"]],
    rows.map((row) => [
      named(row.client), amount(count(row.written_chunks)), amount(count(row.read_chunks)),
      amount(count(row.read_of_others), number(row.read_chunks) > 0 ? percent(share(row.read_of_others, row.read_chunks)) : null),
    ]));
}

/// A figure and, smaller, what else there is to say of it.
const amount = (text, more) => [node("span", null, text), more ? node("small", null, more) : null];

function tellEmpty(id, text) {
  byId(id).replaceChildren(node("tbody", null, node("tr", null, node("td", { class: "empty" }, text))));
}

function showConnections(feed) {
  const open = object(feed.connections);
  fillPairs(byId("connections"), [
    ["Open", `${count(open.now)} of ${count(open.limit)}`], ["lm://", count(open.lm)], ["RESP", count(open.resp)],
    ["HTTP", count(open.http)], ["By TLS", count(open.tls)],
  ]);
}

function showTotals(feed) {
  const totals = object(feed.totals);
  fillPairs(byId("totals"), [
    ["Found in memory", count(totals.hits_memory)], ["Found on disk", count(totals.hits_disk)],
    ["Not found", count(totals.misses)], ["Gone out", bytes(totals.read_bytes)], ["Come in", bytes(totals.written_bytes)],
    ["Evicted", count(totals.evictions)], ["Refused or dropped", count(totals.dropped)],
  ]);
}

function showIdentity(feed) {
  const loops = counted(feed.loops, "loop", "loops");
  say(byId("identity"), `${words(feed.version) || "unknown version"} · up ${duration(feed.uptime_seconds)} · ${loops} on ${words(feed.driver) || "?"}`);
}
