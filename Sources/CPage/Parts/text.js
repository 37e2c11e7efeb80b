"use strict";
// Figures as people read them. What is missing or no number is a dash, never "NaN".

const dash = "–";
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const number = (value) => (isNumber(value) ? value : 0);
const list = (value) => (Array.isArray(value) ? value : []);
const object = (value) => (value !== null && typeof value === "object" ? value : {});
const words = (value) => (typeof value === "string" ? value : "");

const wholeFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const shortFormat = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

function count(value) {
  if (!isNumber(value)) return dash;
  return Math.abs(value) < 100000 ? wholeFormat.format(value) : shortFormat.format(value);
}

function counted(value, one, many) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function bytes(value) {
  if (!isNumber(value)) return dash;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let amount = Math.max(0, value), unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) { amount /= 1024; unit += 1; }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${Number(amount.toFixed(digits))} ${units[unit]}`;
}

const rate = (value) => (isNumber(value) ? `${bytes(value)}/s` : dash);

function share(part, whole) {
  if (!isNumber(part) || !isNumber(whole) || whole <= 0) return null;
  return Math.min(1, Math.max(0, part / whole));
}

function percent(ratio) {
  if (!isNumber(ratio)) return dash;
  const hundredths = ratio * 100;
  const isExtreme = hundredths > 0 && hundredths < 1 || hundredths > 99 && hundredths < 100;
  return `${isExtreme ? Number(hundredths.toFixed(1)) : Math.round(hundredths)} %`;
}

function duration(seconds) {
  if (!isNumber(seconds)) return dash;
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let rest = Math.max(0, Math.round(seconds));
  const said = [];
  for (const [unit, length] of parts) {
    const whole = Math.floor(rest / length);
    rest -= whole * length;
    if (whole > 0) said.push(`${whole} ${unit}`);
    else if (said.length > 0) break;
    if (said.length === 2) break;
  }
  return said.join(" ") || "0 s";
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clock = (date) => clockFormat.format(date);
const minute = (seconds) => minuteFormat.format(new Date(seconds * 1000));
