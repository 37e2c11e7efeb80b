// Nodes of the document. Text from the server becomes text nodes and nothing else: no markup is ever made of it.

const byId = (id) => document.getElementById(id);

function node(tag, fields, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

function shape(tag, fields, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(fields ?? {})) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/// Touches the document only when the text is another, so that a screen reader tells what changed.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/// A name that others chose: set apart, so that its direction of writing stays its own.
const named = (text) => node("bdi", null, words(text) || "(no name)");

function widthOf(element, ratio) {
  element.style.flex = `0 0 ${((ratio ?? 0) * 100).toFixed(3)}%`;
  return element;
}

/// Parts beside each other: [class, share of the whole].
function bar(parts, isThin) {
  const made = node("div", { class: isThin ? "bar thin" : "bar", "aria-hidden": "true" });
  made.append(...parts.map(([kind, ratio]) => widthOf(node("i", { class: kind }), ratio)));
  return made;
}

/// `columns`: [title, class or null]; `rows`: of each column a text, or nodes.
function fillTable(table, caption, columns, rows) {
  const head = node("tr", null, columns.map(([title, kind]) => node("th", { scope: "col", class: kind }, title)));
  const body = rows.map((row) => node("tr", null, row.map((cell, place) => {
    const [title, kind] = columns[place];
    return place === 0
      ? node("th", { scope: "row", class: kind }, cell)
      : node("td", { class: kind, "data-label": title }, cell);
  })));
  table.setAttribute("aria-label", caption);
  table.replaceChildren(node("thead", null, head), node("tbody", null, body));
}

function fillPairs(table, pairs) {
  table.replaceChildren(node("tbody", null, pairs.map(([title, text]) =>
    node("tr", null, node("th", { scope: "row" }, title), node("td", null, text)))));
}
