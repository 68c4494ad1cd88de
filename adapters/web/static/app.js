// What pages can do beyond forms: local times, a character counter, keys 1-7, copying, printing folded tables.
// Reads the page's data-attributes, which hold its sentences too. Everything essential works without it; live.js
// keeps pages up to date, and comes after it.
"use strict";

// In the page's language, as it is written where the reader is: a browser may be German in Austria, or American.
const LANGUAGE = document.documentElement.lang;
const WRITTEN_AS = navigator.languages.find((each) => each.split("-")[0] === LANGUAGE) || { en: "en-GB" }[LANGUAGE] || LANGUAGE;
const LOCAL_TIME = new Intl.DateTimeFormat(WRITTEN_AS, { dateStyle: "medium", timeStyle: "short" });

function asNumber(count) {
  return count.toLocaleString(WRITTEN_AS);
}

// A sentence with something in its places, such as “{count} of {most}”.
function filled(sentence, places) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => places[name] ?? place);
}

function localTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = LOCAL_TIME.format(new Date(time.dateTime));
  }
}

function asWallTime(date) {
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

// The server knows a time with its offset from UTC. The offset belongs to that date: summer time may lie between.
// It is told the zone of what somebody has typed, and refuses a time that clocks there skip or show twice.
function localTimeFields() {
  for (const field of document.querySelectorAll("[data-local-time]")) {
    const offset = field.form.elements[`${field.name}_offset`];
    const where = field.form.elements[`${field.name}_zone`];
    let began = null;
    // What is shown again with its zone is as it was typed, even if there is no such time.
    if (field.value && !where.value) {
      began = new Date(Date.parse(`${field.value}Z`) + Number(offset.value) * 60000);
      field.value = asWallTime(began);
      // So that only what somebody changes counts as changed.
      field.defaultValue = field.value;
    }
    field.form.addEventListener("submit", () => {
      const asItBegan = began && field.value === field.defaultValue;
      if (field.value) offset.value = String((asItBegan ? began : new Date(field.value)).getTimezoneOffset());
      where.value = asItBegan ? "" : Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    });
    const zone = field.form.querySelector(`label[for="${field.id}"] .zone`);
    if (zone) zone.textContent = zone.dataset.local;
  }
}

function counters() {
  for (const field of document.querySelectorAll("[data-limit]")) {
    const shown = document.querySelector(`[data-counter="${field.id}"]`);
    const limit = Number(field.dataset.limit);
    const count = () => {
      // Counted as the server does: by character, not by UTF-16 unit.
      const used = [...field.value.trim()].length;
      shown.textContent = filled(shown.dataset.words, { used: asNumber(used), limit: asNumber(limit) });
      shown.classList.toggle("over", used > limit);
    };
    field.addEventListener("input", count);
    count();
  }
}

// A digit is for the scale that has the focus, and for no other answer on the page.
function ratingKeys() {
  for (const scale of document.querySelectorAll("[data-scale]")) {
    scale.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const level = scale.querySelector(`input[value="${CSS.escape(event.key)}"]`);
      if (!level) return;
      event.preventDefault();
      level.checked = true;
      level.focus();
    });
  }
}

// A letter or an arrow is for the point that has the focus, as it has from the start, and for nothing else.
const SIDE_KEYS = { a: "agree", ArrowRight: "agree", d: "disagree", ArrowLeft: "disagree", p: "pass", ArrowDown: "pass" };
function pointKeys() {
  for (const group of document.querySelectorAll("[data-sides]")) {
    group.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const side = SIDE_KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!side) return;
      event.preventDefault();
      group.querySelector(`button[value="${side}"]`).click();
    });
  }
}

function copyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = button.dataset.copied;
    });
  }
  for (const field of document.querySelectorAll("input[readonly], textarea[readonly]")) {
    field.addEventListener("focus", () => field.select());
  }
}

function sendOnce() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  }
  // Coming back by the back button must not leave it disabled.
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
  });
}

// What somebody is writing is kept in this browser until it is sent, so that a closed tab loses nothing. Under a name
// that is this person's in this question, and no longer than a week; signing out and “forget me” take it along.
const DRAFT = "accord-draft:";
const DRAFT_KEPT_MS = 7 * 24 * 3600 * 1000;

function drafts() {
  try {
    const fields = new Map([...document.querySelectorAll("[data-draft]")].map((f) => [DRAFT + f.dataset.draft, f]));
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(DRAFT))) {
      const { until, sent } = JSON.parse(localStorage.getItem(name));
      // What was sent last of all leads to a page where nothing is written any more.
      if (!(until > Date.now()) || (sent && !fields.has(name))) localStorage.removeItem(name);
    }
    for (const [name, field] of fields) keepDraft(field, name);
    for (const form of document.querySelectorAll("form[data-forgets]")) form.addEventListener("submit", forgetDrafts);
  } catch {
    // A browser that keeps nothing.
  }
}

function keepDraft(field, name) {
  const kept = JSON.parse(localStorage.getItem(name));
  // Sent meanwhile, or changed from another text than the one that is saved now: that one is the newer.
  if (kept && kept.from === field.defaultValue && !field.closest("[data-keep]")) {
    field.value = kept.text;
    document.querySelector(`[data-restored="${field.id}"]`)?.removeAttribute("hidden");
  } else localStorage.removeItem(name);
  field.addEventListener("input", () => {
    if (field.value === field.defaultValue) return localStorage.removeItem(name);
    const draft = { text: field.value, from: field.defaultValue, until: Date.now() + DRAFT_KEPT_MS };
    localStorage.setItem(name, JSON.stringify(draft));
  });
  field.form.addEventListener("submit", () => {
    const draft = JSON.parse(localStorage.getItem(name));
    if (draft) localStorage.setItem(name, JSON.stringify({ ...draft, sent: true }));
  });
}

function forgetDrafts() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(DRAFT)) localStorage.removeItem(name);
}

// On paper nothing can be unfolded; what only some may read (opinions, drafts) stays folded all the same.
function printTables() {
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.table:not([open])")];
    for (const each of folded) each.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
}

localTimes();
localTimeFields();
drafts();
counters();
ratingKeys();
pointKeys();
copyButtons();
sendOnce();
printTables();
