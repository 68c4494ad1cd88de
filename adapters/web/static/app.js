// What pages can do beyond forms: local times, live counts and progress, a character counter, keys 1-7.
// Reads the page's data-attributes and its question's event stream. Everything essential works without it.
"use strict";

function localTimes() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
  }
}

function asWallTime(date) {
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

// The server knows a time with its offset from UTC. The offset belongs to that date: summer time may lie between.
function localTimeFields() {
  for (const field of document.querySelectorAll("[data-local-time]")) {
    const offset = field.form.elements[`${field.name}_offset`];
    if (field.value) {
      field.value = asWallTime(new Date(Date.parse(`${field.value}Z`) + Number(offset.value) * 60000));
    }
    field.form.addEventListener("submit", () => {
      if (field.value) offset.value = String(new Date(field.value).getTimezoneOffset());
    });
    const zone = field.form.querySelector(`label[for="${field.id}"] .zone`);
    if (zone) zone.textContent = "(your local time)";
  }
}

function counters() {
  for (const field of document.querySelectorAll("[data-limit]")) {
    const shown = document.querySelector(`[data-counter="${field.id}"]`);
    const limit = Number(field.dataset.limit);
    const count = () => {
      // Counted as the server does: by character, not by UTF-16 unit.
      const used = [...field.value.trim()].length;
      shown.textContent = `${used.toLocaleString()} of ${limit.toLocaleString()} characters`;
      shown.classList.toggle("over", used > limit);
    };
    field.addEventListener("input", count);
    count();
  }
}

function ratingKeys() {
  const scale = document.querySelector("[data-scale]");
  if (!scale) return;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, input:not([type=radio])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const level = scale.querySelector(`input[value="${CSS.escape(event.key)}"]`);
    if (!level) return;
    event.preventDefault();
    level.checked = true;
    level.focus();
  });
}

function copyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = "Copied";
    });
  }
  for (const field of document.querySelectorAll("input[readonly]")) {
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

const STAGES = { draft: "Drafting", score: "Predicting agreement" };

function live() {
  const main = document.querySelector("[data-live]");
  if (!main || !window.EventSource) return;
  const source = new EventSource(main.dataset.live);
  const show = (name) => (event) => {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
      const count = String(JSON.parse(event.data).count);
      if (place.textContent !== count) place.textContent = count;
    }
  };
  source.addEventListener("answered", show("answered"));
  source.addEventListener("rated", show("rated"));
  source.addEventListener("drafting", (event) => {
    const { stage, done, total } = JSON.parse(event.data);
    const bar = document.querySelector(`[data-stage="${CSS.escape(stage)}"]`);
    if (!bar) return;
    bar.max = total;
    bar.value = done;
    const words = document.querySelector("[data-progress]");
    const said = `${STAGES[stage] || stage}: ${done} of ${total}`;
    // Screen readers hear the end of a stage, not every step.
    words.setAttribute("aria-live", done === total ? "polite" : "off");
    words.textContent = said;
  });
  source.addEventListener("phase", (event) => {
    const { phase, failed } = JSON.parse(event.data);
    if (phase === main.dataset.phase && failed === (main.dataset.failed === "yes")) return;
    source.close();
    moveOn();
  });
}

// A new phase is a new page; but never throw away what somebody is writing.
function moveOn() {
  const written = [...document.querySelectorAll("textarea, input[type=text]:not([readonly])")];
  const unsaved = written.some((field) => field.value !== field.defaultValue);
  const stale = document.querySelector("[data-stale]");
  if (unsaved && stale) stale.hidden = false;
  else if (!unsaved) location.reload();
}

localTimes();
localTimeFields();
counters();
ratingKeys();
copyButtons();
sendOnce();
live();
