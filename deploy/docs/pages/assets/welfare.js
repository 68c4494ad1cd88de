// The example on "How it decides": sliders for three people's ratings of two statements, and what each welfare function
// makes of them. The page says the same in words and a table for readers without JavaScript. `tests/test_site.py` holds
// these functions against `engine/welfare.py`.
"use strict";

// [1/n Σ u^(1−α)]^(1/(1−α)): relative to the largest term of the sum, so that no power exceeds 1.
function isoelastic(ratings, alpha) {
  const worst = Math.min(...ratings);
  const best = Math.max(...ratings);
  if (alpha === Infinity) return worst;
  const power = 1 - alpha;
  const reference = power > 0 ? best : worst;
  const logs = ratings.map((rating) => Math.log(rating / reference));
  if (power === 0) return reference * Math.exp(mean(logs));
  return reference * Math.exp(Math.log1p(mean(logs.map((log) => Math.expm1(power * log)))) / power);
}

function mean(numbers) {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

// The last step of the slider stands for infinity.
const ENDLESS = 10.25;

function alphaOf(slider) {
  const value = Number(slider.value);
  return value >= ENDLESS ? Infinity : value;
}

function functionsOf(place) {
  const all = [
    ["Utilitarian: the mean", mean],
    ["Rawlsian: the lowest", (ratings) => Math.min(...ratings)],
  ];
  const alpha = place.querySelector("[name=alpha]");
  if (!alpha) return all;
  const chosen = alphaOf(alpha);
  place.querySelector("[data-alpha-shown]").textContent = chosen === Infinity ? "∞" : String(chosen);
  all.splice(1, 0, ["Bernoulli–Nash: the geometric mean", (ratings) => isoelastic(ratings, 1)]);
  all.push([`Isoelastic, α = ${chosen === Infinity ? "∞" : chosen}`, (ratings) => isoelastic(ratings, chosen)]);
  return all;
}

function row(name, a, b) {
  // What is equal but for rounding is a tie, as in the engine.
  const tied = Math.abs(a - b) <= 1e-9;
  const made = document.createElement("tr");
  const shown = (number) => number.toFixed(2).replace("-", "−");
  const texts = [name, shown(a), shown(b), tied ? "a tie" : a > b ? "A" : "B"];
  texts.forEach((text, at) => {
    const cell = document.createElement(at ? "td" : "th");
    if (!at) cell.scope = "row";
    cell.textContent = text;
    made.append(cell);
  });
  return made;
}

function show(place) {
  const read = (name) => [...place.querySelectorAll(`[name=${name}]`)].map((slider) => Number(slider.value));
  for (const slider of place.querySelectorAll("input")) {
    const shown = slider.parentElement.querySelector("output");
    if (shown) shown.textContent = slider.value;
  }
  const [a, b] = [read("a"), read("b")];
  place.querySelector("tbody").replaceChildren(...functionsOf(place).map(([name, of]) => row(name, of(a), of(b))));
}

for (const place of document.querySelectorAll(".welfare")) {
  place.addEventListener("input", () => show(place));
  place.hidden = false;
  show(place);
}
