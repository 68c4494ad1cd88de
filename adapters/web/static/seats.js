// Seats of a jury that show at once what they change: the page with the new seats is read, and its winner taken.
"use strict";

const AFTER_MS = 150;
const form = document.querySelector("[data-seats]");
let asked = 0;
let waiting;

async function showWinner() {
  const mine = ++asked;
  const address = location.pathname + "?" + new URLSearchParams(new FormData(form));
  let page;
  try {
    const answer = await fetch(address);
    page = answer.ok ? await answer.text() : "";
  } catch {
    page = "";
  }
  // A slider that was moved since asks again.
  if (mine !== asked) return;
  const winner = new DOMParser().parseFromString(page, "text/html").getElementById("winner");
  if (!winner) {
    location.assign(address);
    return;
  }
  document.getElementById("winner").replaceChildren(...winner.childNodes);
  history.replaceState(null, "", address);
}

if (form) {
  form.querySelector("[data-without-script]").hidden = true;
  form.addEventListener("input", (event) => {
    const shown = form.querySelector(`output[for="${event.target.id}"]`);
    if (shown) shown.textContent = Number(event.target.value).toLocaleString(document.documentElement.lang);
    clearTimeout(waiting);
    waiting = setTimeout(showWinner, AFTER_MS);
  });
}
