// Pages that change by themselves: counts, drafting progress, deadlines, the next phase.
// Reads the question's event stream, named by the page's data-attributes, and its sentences in them, which app.js
// fills in. Where the stream is refused, cut or silent, the page says so, asks now and then how things stand, and
// goes back to the stream as soon as it can.
"use strict";

const SHORTEST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 120_000;
// How things stand comes at once, and then something every 20 seconds; a proxy may hold all of it back.
const FIRST_WITHIN_MS = 15_000;
const NEXT_WITHIN_MS = 50_000;
// A sentence that was in view for so long has been read.
const READ_AFTER_MS = 10_000;
const UNREAD = "accord-unread";
const LEFT_AFTER_MS = 30_000;
const GONE = [403, 404, 410];

const watched = document.querySelector("[data-live]");
// Between pressing a button or a link and its answer: a reload would throw the answer away.
let leaving = false;
let movedOn = false;

function showCount(name, count) {
  for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
    const most = Number(place.dataset.of);
    // Of those who answered: who rates without having answered is told of when the page is loaded.
    const counted = count - Number(place.dataset.less || 0);
    const all = { count: asNumber(counted), most: asNumber(most) };
    const shown = most && counted <= most ? filled(watched.dataset.countOf, all) : all.count;
    if (place.textContent !== shown) place.textContent = shown;
  }
}

function showDrafting({ stage, done, total, tokens, waiting }) {
  const bar = document.querySelector(`[data-stage="${CSS.escape(stage)}"]`);
  if (bar) {
    bar.max = total;
    bar.value = done;
  }
  const words = document.querySelector("[data-progress]");
  const said = words?.dataset;
  // Smaller groups' drafts have a sentence and no bar; reading opinions has neither.
  if (!said || !(stage in said)) return;
  let sentence = said[stage];
  if (waiting) sentence = said.waiting;
  else if (tokens && done < total) sentence = said[`${stage}Words`] || sentence;
  // Screen readers hear the end of a stage, not every step.
  words.setAttribute("aria-live", done === total ? "polite" : "off");
  const count = asNumber(Math.round(tokens * 0.75));
  words.textContent = filled(sentence, { done: asNumber(done), total: asNumber(total), count });
}

function lookAtPhase({ phase, failed, round, edition }) {
  const seen = watched.dataset;
  // The round too: of two votes a page may have missed the drafting between them.
  const isOther = phase !== seen.phase || failed !== (seen.failed === "yes") || round !== Number(seen.round);
  if (isOther || (edition || 1) !== Number(seen.edition || 1)) moveOn();
}

function showDeadline({ until }) {
  const at = new Date(until);
  for (const place of document.querySelectorAll("[data-until]")) {
    const shown = place.querySelector("time");
    if (shown && Date.parse(shown.dateTime) === at.getTime()) continue;
    const time = document.createElement("time");
    time.dateTime = at.toISOString();
    time.textContent = LOCAL_TIME.format(at);
    const [before, after] = place.dataset.until.split("{when}");
    place.replaceChildren(before, time, after);
  }
}

const WHAT_TO_DO = {
  answered: ({ count }) => showCount("answered", count),
  rated: ({ count }) => showCount("rated", count),
  drafting: showDrafting,
  deadline: showDeadline,
  phase: lookAtPhase,
  // Nothing happened; the stream is alive.
  beat: () => {},
};

function watch(wait = SHORTEST_WAIT_MS) {
  if (movedOn) return;
  const source = new EventSource(watched.dataset.live);
  let broken = 0;
  let patience = setTimeout(fallBack, FIRST_WITHIN_MS);
  function hear() {
    broken = 0;
    wait = SHORTEST_WAIT_MS;
    sayLate(false);
    clearTimeout(patience);
    patience = setTimeout(fallBack, NEXT_WITHIN_MS);
  }
  function fallBack() {
    clearTimeout(patience);
    source.close();
    if (movedOn) return;
    sayLate(true);
    lookOnce();
    // Not all at the same moment.
    setTimeout(watch, wait * (0.75 + Math.random() / 2), Math.min(2 * wait, LONGEST_WAIT_MS));
  }
  for (const [name, act] of Object.entries(WHAT_TO_DO)) {
    source.addEventListener(name, (event) => {
      hear();
      act(JSON.parse(event.data));
      if (movedOn) source.close();
    });
  }
  source.addEventListener("error", () => {
    // A line that was cut is taken up again by the browser; a refusal is for good, unless we ask again.
    broken += 1;
    if (broken > 1 || source.readyState === EventSource.CLOSED) fallBack();
  });
}

async function lookOnce() {
  try {
    const response = await fetch(watched.dataset.now);
    if (GONE.includes(response.status)) moveOn();
    if (!response.ok) return;
    for (const { event, ...said } of await response.json()) WHAT_TO_DO[event](said);
  } catch {
    // No network: the next look may find one.
  }
}

function sayLate(late) {
  const notice = document.querySelector("[data-late]");
  if (notice) notice.hidden = !late || movedOn;
}

// A new phase is a new page; but never throw away what somebody is writing, or what is shown only once.
function moveOn() {
  if (leaving || movedOn) return;
  movedOn = true;
  sayLate(false);
  if (holdsSomething()) {
    document.querySelector("[data-stale]").hidden = false;
    return;
  }
  keepUnread();
  // A page that answers a form has another address, and must not send the form again.
  if (location.pathname === watched.dataset.page) location.reload();
  else location.replace(watched.dataset.page);
}

function leave() {
  leaving = true;
  // Still here: somebody pressed Stop, or it was a download.
  setTimeout(() => {
    leaving = false;
    if (!movedOn) lookOnce();
  }, LEFT_AFTER_MS);
}

function holdsSomething() {
  if (document.querySelector("[data-keep]")) return true;
  return [...document.querySelectorAll("main textarea, main input:not([type=hidden], [readonly])")].some((field) =>
    ["radio", "checkbox"].includes(field.type)
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue,
  );
}

// A confirmation goes along when the page moves on before anybody can have read it.
function keepUnread() {
  const unread = [...document.querySelectorAll("[data-said]:not([data-read])")];
  const said = unread.map((notice) => ({ text: notice.textContent.trim(), bad: notice.classList.contains("bad") }));
  try {
    sessionStorage.setItem(UNREAD, JSON.stringify({ page: watched.dataset.page, said }));
  } catch {
    // A browser that keeps nothing: it is lost.
  }
}

function showUnread() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(UNREAD));
    sessionStorage.removeItem(UNREAD);
  } catch {
    return;
  }
  if (kept?.page !== watched.dataset.page) return;
  for (const { text, bad } of kept.said.reverse()) {
    const notice = document.createElement("div");
    notice.className = `notice ${bad ? "bad" : "good"}`;
    notice.setAttribute("role", bad ? "alert" : "status");
    notice.dataset.said = "";
    notice.append(Object.assign(document.createElement("p"), { textContent: text }));
    watched.prepend(notice);
  }
}

// Read is what was in view for a while: a page in the background has no readers.
function noteReading() {
  const notices = document.querySelectorAll("[data-said]");
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(() => {
      for (const notice of notices) notice.dataset.read = "";
    }, READ_AFTER_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
}

if (watched) {
  showUnread();
  noteReading();
  document.addEventListener("submit", leave);
  window.addEventListener("beforeunload", leave);
  if (window.EventSource) watch();
}
