"use strict";
const find = (id) => document.getElementById(id);
const [search, who, what, shown] = ["search", "who", "what", "shown"].map(find);
const rows = [...document.querySelectorAll("tbody tr")];
const heads = [...document.querySelectorAll("thead th")];
const firstCaller = heads.findIndex((head) => head.classList.contains("who"));

function narrow() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const column = who.value === "" ? null : Number(who.value) + firstCaller;
  let count = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const answers = column === null ? [...row.cells].slice(firstCaller) : [row.cells[column]];
    const fits = what.value === "" || answers.some((cell) => cell.classList.contains(what.value));
    row.hidden = !(fits && words.every((word) => text.includes(word)));
    count += row.hidden ? 0 : 1;
    [...row.cells].forEach((cell, at) => cell.classList.toggle("dim", at >= firstCaller && column !== null && at !== column));
  }
  heads.forEach((head, at) => head.classList.toggle("dim", at >= firstCaller && column !== null && at !== column));
  shown.textContent = count + (count === 1 ? " route" : " routes");
}

for (const control of [search, who, what]) control.addEventListener("input", narrow);
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
narrow();
